#include "syncd/tls.h"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace syncd {
namespace {

using support::CertificateWish;
using support::TestCertificate;

class TlsTest : public testing::Test {
 protected:
  TlsTest() { folder_.file("ca.pem", ca_.certificate_pem()); }
  std::unique_ptr<TlsContext> context(const std::string& name, const TestCertificate& certificate) {
    const std::string path = folder_.file(name + ".pem", certificate.pem());
    auto opened = TlsContext::open(path, path, folder_.path() + "/ca.pem");
    EXPECT_TRUE(opened) << opened.error().text;
    return std::move(*opened);
  }
  // What each said arrives at the other, or the first error.
  std::string talk(const TlsContext& connects, const TlsContext& accepts) {
    client_ = connects.make(false);
    server_ = accepts.make(true);
    heard_by_client_.clear();
    heard_by_server_.clear();
    EXPECT_TRUE(client_->put("from the client"));
    EXPECT_TRUE(server_->put("from the server"));
    for (int turn = 0; turn < 10; ++turn) {
      std::string bytes;
      client_->drain(bytes);
      if (auto taken = server_->take(bytes, heard_by_server_); !taken) return "server: " + taken.error().text;
      bytes.clear();
      server_->drain(bytes);
      if (auto taken = client_->take(bytes, heard_by_client_); !taken) return "client: " + taken.error().text;
    }
    return "";
  }
  support::TempFolder folder_;
  const TestCertificate ca_{CertificateWish{.common_name = "nodes", .authority = true}};
  const TestCertificate lb1_{CertificateWish{.common_name = "lb1", .names = {"lb1", "lb1.example"}}, ca_};
  const TestCertificate lb2_{CertificateWish{.common_name = "lb2"}, ca_};
  std::unique_ptr<ipc::Wrap> client_, server_;
  std::string heard_by_client_, heard_by_server_;
};

TEST_F(TlsTest, BothProveTheirNames) {
  const auto lb1 = context("lb1", lb1_), lb2 = context("lb2", lb2_);
  ASSERT_EQ(talk(*lb1, *lb2), "");
  EXPECT_EQ(heard_by_server_, "from the client");
  EXPECT_EQ(heard_by_client_, "from the server");
  EXPECT_TRUE(server_->peer_is("lb1") && server_->peer_is("lb1.example"));
  EXPECT_FALSE(server_->peer_is("lb2") || server_->peer_is("") || server_->peer_is("lb"));
  EXPECT_TRUE(client_->peer_is("lb2")) << "the common name, where there are no others";
  // Much at once, in small pieces on the way.
  std::string much(1'000'000, 'x'), bytes;
  ASSERT_TRUE(client_->put(much));
  client_->drain(bytes);
  heard_by_server_.clear();
  for (size_t at = 0; at < bytes.size(); at += 1000)
    ASSERT_TRUE(server_->take(std::string_view(bytes).substr(at, 1000), heard_by_server_));
  EXPECT_EQ(heard_by_server_, much);
}

TEST_F(TlsTest, OthersGetNoWordThrough) {
  const auto lb1 = context("lb1", lb1_);
  const TestCertificate other{CertificateWish{.common_name = "nodes", .authority = true}};
  const TestCertificate wrong[] = {
      TestCertificate(CertificateWish{.common_name = "lb2"}),  // signed by itself
      TestCertificate(CertificateWish{.common_name = "lb2"}, other),
      TestCertificate(CertificateWish{.common_name = "lb2", .begins = -7200, .ends = -3600}, ca_),
      TestCertificate(CertificateWish{.common_name = "lb2", .begins = 3600}, ca_),
  };
  for (const TestCertificate& one : wrong) {
    const auto stranger = context("stranger", one);
    EXPECT_NE(talk(*stranger, *lb1), "");
    EXPECT_EQ(heard_by_server_, "");
    EXPECT_EQ(heard_by_client_, "") << "nothing is said before the client has proven itself";
    EXPECT_NE(talk(*lb1, *stranger), "");
    EXPECT_EQ(heard_by_server_, "") << "nor to a server that has not";
    EXPECT_EQ(heard_by_client_, "");
  }
  EXPECT_NE(talk(*context("stranger", wrong[2]), *lb1).find("certificate has expired"), std::string::npos);
}

TEST_F(TlsTest, NonsenseEndsIt) {
  const auto lb1 = context("lb1", lb1_);
  for (bool accepts : {false, true}) {
    auto session = lb1->make(accepts);
    std::string plain;
    EXPECT_FALSE(session->take("GET / HTTP/1.0\r\n\r\n", plain));
    EXPECT_EQ(plain, "");
    EXPECT_FALSE(session->peer_is("lb1"));
  }
}

TEST_F(TlsTest, FilesThatAreNoneAreNamed) {
  const std::string good = folder_.file("lb1.pem", lb1_.pem()), ca = folder_.path() + "/ca.pem";
  const std::string other_key = folder_.file("other.key", lb2_.key_pem()), text = folder_.file("text", "hello");
  const std::string absent = folder_.path() + "/absent";
  const std::tuple<std::string, std::string, std::string, std::string> wrong[] = {
      {absent, good, ca, absent}, {text, good, ca, text}, {good, other_key, ca, other_key}, {good, good, text, text}};
  for (const auto& [certificate, key, authorities, named] : wrong) {
    auto opened = TlsContext::open(certificate, key, authorities);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().text.find(named + ": "), 0u) << opened.error().text;
  }
}

}  // namespace
}  // namespace syncd
