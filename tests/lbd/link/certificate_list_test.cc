#include "lbd/link/certificate_list.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/load_config.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace lbd::link {
namespace {

using support::TestCertificate;

constexpr long kDay = 86400;

class CertificateListTest : public testing::Test {
 protected:
  void write(const std::string& name, std::vector<std::string> names, long days,
             const TestCertificate* above = nullptr) {
    const support::CertificateWish wish{.common_name = name, .names = std::move(names), .ends = days * kDay};
    folder_.file(name,
                 above ? TestCertificate(wish, *above).pem() + above->certificate_pem() : TestCertificate(wish).pem());
  }
  void load(std::string text) {
    for (size_t at; (at = text.find("$D")) != std::string::npos;) text.replace(at, 2, folder_.path());
    loaded_ = support::load_config(support::kHttpDefaults + text);
    contexts_.load(*loaded_.config, 1, loaded_.diagnostics);
    ASSERT_FALSE(loaded_.diagnostics.has_errors()) << loaded_.said();
  }
  tandem::CertificateList list(const tandem::CertificatesRequest& wanted = {}) {
    return list_certificates(&contexts_, *loaded_.config, wanted, base::wall_now());
  }
  static tandem::CertificatesRequest within(int64_t days) {
    tandem::CertificatesRequest wanted;
    wanted.set_ends_before(base::wall_now().time_since_epoch().count() / 1'000'000 + days * kDay);
    return wanted;
  }
  std::string name(const tandem::CertificateList::Certificate& certificate) const {
    return certificate.path().substr(folder_.path().size() + 1);
  }
  support::TempFolder folder_;
  support::LoadedConfig loaded_;
  tls::Contexts contexts_;
};

TEST_F(CertificateListTest, WhatClientsSeeAndWhereFrom) {
  write("a.pem", {"a.example", "b.example", "c.example", "d.example"}, 50);
  write("b.pem", {"b.example"}, 20);
  write("c.pem", {}, 30);
  folder_.file("list", "# of all\n" + folder_.path() + "/b.pem\n");
  load(
      "frontend web\n bind 127.0.0.1:1,127.0.0.1:2 ssl crt $D/a.pem crt-list $D/list\n"
      "backend app\n server s1 127.0.0.1:3 ssl verify none crt $D/c.pem\n");
  const auto all = list();
  EXPECT_EQ(all.count(), 3u);
  EXPECT_EQ(all.matching(), 3u);
  ASSERT_EQ(all.certificates_size(), 3);
  EXPECT_EQ(name(all.certificates(0)), "b.pem") << "the first to end comes first";
  EXPECT_EQ(name(all.certificates(1)), "c.pem");
  const auto& b = all.certificates(0);
  EXPECT_EQ(b.subject(), "b.pem");
  EXPECT_EQ(b.issuer(), "b.pem");
  EXPECT_EQ(b.digest().size(), 32u);
  EXPECT_EQ(b.ends() - b.begins(), 20 * kDay + 3600);
  ASSERT_EQ(b.uses_size(), 1);
  EXPECT_EQ(b.uses(0).proxy(), "web");
  EXPECT_EQ(b.uses(0).line(), "127.0.0.1:1,127.0.0.1:2");
  EXPECT_EQ(b.uses(0).list(), folder_.path() + "/list:2");
  EXPECT_FALSE(b.uses(0).fallback());
  const auto& c = all.certificates(1);
  ASSERT_EQ(c.uses_size(), 1);
  EXPECT_TRUE(c.uses(0).server());
  EXPECT_EQ(c.uses(0).proxy() + "/" + c.uses(0).line(), "app/s1");
  const auto& a = all.certificates(2);
  EXPECT_TRUE(a.uses(0).fallback());
  EXPECT_EQ(a.names_size(), 3) << "of many names a list has the first";
  EXPECT_EQ(a.name_count(), 5u);
  EXPECT_FALSE(a.has_details());
}

TEST_F(CertificateListTest, OneWithDetails) {
  const TestCertificate authority({.common_name = "Above", .authority = true});
  write("a.pem", {"a.example", "b.example", "c.example", "d.example"}, 50, &authority);
  write("b.pem", {}, 20);
  load("frontend web\n bind 127.0.0.1:1 ssl crt $D/a.pem crt $D/b.pem\n");
  tandem::CertificatesRequest wanted;
  wanted.set_name("a.pem");
  const auto one = list(wanted);
  ASSERT_EQ(one.certificates_size(), 1);
  EXPECT_EQ(one.certificates(0).names_size(), 5);
  EXPECT_EQ(one.certificates(0).details().subject(), "/CN=a.pem");
  EXPECT_EQ(one.certificates(0).details().issuer(), "/CN=Above");
  EXPECT_EQ(one.certificates(0).details().key(), "EC256");
  ASSERT_EQ(one.certificates(0).details().chain_size(), 1);
  EXPECT_EQ(one.certificates(0).details().chain(0), "/CN=Above");
  // It ends before what it has signed does.
  EXPECT_EQ(one.certificates(0).chain_subject(), "Above");
  EXPECT_LT(one.certificates(0).chain_ends(), one.certificates(0).ends());
  wanted.set_name(".pem");
  EXPECT_EQ(list(wanted).matching(), 0u) << "no part of a name";
}

TEST_F(CertificateListTest, OnlyThoseThatEndSoon) {
  const TestCertificate authority({.common_name = "Above", .authority = true, .ends = 3 * kDay});
  write("long.pem", {}, 50);
  write("weak.pem", {}, 50, &authority);
  write("soon.pem", {}, 5);
  write("ended.pem", {}, -1);
  load("frontend web\n bind 127.0.0.1:1 ssl crt $D/long.pem crt $D/weak.pem crt $D/soon.pem crt $D/ended.pem\n");
  auto wanted = within(14);
  const auto soon = list(wanted);
  EXPECT_EQ(soon.count(), 4u);
  ASSERT_EQ(soon.certificates_size(), 3);
  EXPECT_EQ(name(soon.certificates(0)), "ended.pem");
  EXPECT_EQ(name(soon.certificates(1)), "weak.pem");
  EXPECT_EQ(name(soon.certificates(2)), "soon.pem");
  wanted.set_most(1);
  EXPECT_EQ(list(wanted).certificates_size(), 1);
  EXPECT_EQ(list(wanted).matching(), 3u);
  EXPECT_EQ(list(within(0)).matching(), 1u);
}

TEST_F(CertificateListTest, WhatNoLineShows) {
  write("a.pem", {}, 5);
  load("frontend web\n bind 127.0.0.1:1 ssl crt $D/a.pem\n");
  contexts_.certificates().put("empty.pem", nullptr);
  EXPECT_EQ(list().matching(), 2u);
  EXPECT_EQ(list().certificates(1).path(), "empty.pem");
  EXPECT_EQ(list().certificates(1).digest(), "");
  EXPECT_EQ(list().certificates(1).use_count(), 0u);
  auto wanted = within(14);
  EXPECT_EQ(list(wanted).matching(), 1u) << "what is empty does not end";
  contexts_.certificates().put("other.pem", contexts_.certificates().find(folder_.path() + "/a.pem"));
  EXPECT_EQ(list(wanted).matching(), 2u);
  wanted.set_shown(true);
  EXPECT_EQ(list(wanted).matching(), 1u);
}

TEST_F(CertificateListTest, ItHasALimit) {
  write("a.pem", {}, 5);
  load("frontend web\n bind 127.0.0.1:1 ssl crt $D/a.pem\n");
  const auto one = contexts_.certificates().find(folder_.path() + "/a.pem");
  constexpr int kMany = 5000;
  for (int i = 0; i < kMany; ++i) contexts_.certificates().put(fmt::format("{:05}.pem", i), one);
  const auto all = list();
  EXPECT_EQ(all.matching(), kMany + 1u);
  EXPECT_GT(all.certificates_size(), 1000);
  EXPECT_LT(all.certificates_size(), kMany);
  EXPECT_LT(all.ByteSizeLong(), kLongestCertificateList * 21 / 20);
}

TEST_F(CertificateListTest, WithoutTls) {
  load("");
  EXPECT_EQ(list_certificates(nullptr, *loaded_.config, {}, base::wall_now()).count(), 0u);
}

}  // namespace
}  // namespace lbd::link
