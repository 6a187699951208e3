#include "lbctl/certificates.h"

#include <gtest/gtest.h>

namespace lbctl {
namespace {

constexpr int64_t kNow = 1'800'000'000, kDay = 86400;
constexpr base::WallTime kWall{base::Seconds(kNow)};

Certificate certificate(const char* path, int64_t days, const char* digest = "x") {
  Certificate out;
  out.set_path(path);
  out.set_digest(digest);
  out.set_begins(kNow - kDay);
  out.set_ends(kNow + days * kDay);
  return out;
}

std::string note(const Certificate& of, CertificateState state, uint32_t days = 14) {
  const CertificateNote out = note_of(of, days, kWall);
  EXPECT_EQ(out.state, state);
  return out.text;
}

TEST(Certificates, WhatIsToBeSaidOfOne) {
  EXPECT_EQ(note(certificate("a", 90), CertificateState::good), "ends in 90 days");
  EXPECT_EQ(note(certificate("a", 14), CertificateState::good), "ends in 14 days");
  EXPECT_EQ(note(certificate("a", 13), CertificateState::near_end), "ends in 13 days");
  EXPECT_EQ(note(certificate("a", 90), CertificateState::near_end, 91), "ends in 90 days");
  EXPECT_EQ(note(certificate("a", -2), CertificateState::ended), "ended 2 days ago");
  Certificate one = certificate("a", 90);
  one.set_begins(kNow + 1);
  EXPECT_EQ(note(one, CertificateState::not_yet), "is not valid before 2027-01-15 08:00:01 UTC");
  one.clear_digest();
  EXPECT_EQ(note(one, CertificateState::empty), "is not there yet");
}

TEST(Certificates, AChainIsAWarningAtMost) {
  Certificate one = certificate("a", 90);
  one.set_chain_subject("R3");
  one.set_chain_ends(kNow + 30 * kDay);
  EXPECT_EQ(note(one, CertificateState::good), "ends in 90 days");
  one.set_chain_ends(kNow + 5 * kDay);
  EXPECT_EQ(note(one, CertificateState::near_end), "ends in 90 days, and 'R3' above it ends in 5 days");
  one.set_chain_ends(kNow - 5 * kDay);
  EXPECT_EQ(note(one, CertificateState::near_end), "ends in 90 days, and 'R3' above it ended 5 days ago");
}

TEST(Certificates, WhatIsAskedFor) {
  const tandem::StatsRequest wanted = with_ending_certificates(14, kWall);
  EXPECT_EQ(wanted.certificates().ends_before(), kNow + 14 * kDay);
  EXPECT_TRUE(wanted.certificates().shown());
}

TEST(Certificates, WhoTellsAndWhoDoesNot) {
  Answer lbd, syncd, older;
  lbd.stats.mutable_certificates()->set_count(7);
  older.hello.set_version("0.0");
  auto* row = syncd.stats.add_rows();
  row->set_name("node");
  row->set_text("lb1");
  PairAnswers pair{.here = {lbd, base::Err("x"), syncd}, .others = {}};
  pair.others.push_back({.name = "lb2", .error = "", .said = NodeAnswers{older, older, older}});
  pair.others.push_back({.name = "lb3", .error = "not linked", .said = {}});
  const auto nodes = certificates_of(pair);
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes[0].node, "lb1");
  EXPECT_EQ(nodes[0].error, "");
  EXPECT_EQ(nodes[0].list.count(), 7u);
  EXPECT_EQ(nodes[1].error, "lbd is of an older version (0.0) and does not tell");
  EXPECT_EQ(nodes[2].error, "not linked");
  pair.here = {base::Err("connect"), base::Err("x"), base::Err("x")};
  EXPECT_EQ(certificates_of(pair)[0].node, "this node");
  EXPECT_EQ(certificates_of(pair)[0].error, "lbd: connect");
}

TEST(Certificates, SideBySide) {
  std::vector<NodeCertificates> nodes = {{"lb1", "", {}}, {"lb2", "", {}}};
  for (NodeCertificates& node : nodes) *node.list.add_certificates() = certificate("same.pem", 50);
  *nodes[0].list.add_certificates() = certificate("renewed.pem", 80, "new");
  *nodes[1].list.add_certificates() = certificate("renewed.pem", 9, "old");
  *nodes[1].list.add_certificates() = certificate("only.pem", 60);
  nodes[1].list.mutable_certificates(2)->set_chain_ends(kNow + 5 * kDay);
  const auto all = side_by_side(nodes);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].certificate.path(), "only.pem") << "what stands above it ends first";
  EXPECT_EQ(all[0].nodes, std::vector<std::string>{"lb2"});
  EXPECT_FALSE(all[0].differs);
  EXPECT_EQ(all[1].certificate.digest(), "old");
  EXPECT_TRUE(all[1].differs);
  EXPECT_EQ(all[1].nodes, std::vector<std::string>{"lb2"});
  EXPECT_EQ(all[2].nodes, (std::vector<std::string>{"lb1", "lb2"}));
  EXPECT_FALSE(all[2].differs);
  EXPECT_EQ(all[3].certificate.digest(), "new");
}

}  // namespace
}  // namespace lbctl
