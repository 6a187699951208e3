#include "lbctl/verdict.h"

#include <gtest/gtest.h>

namespace lbctl {
namespace {

class VerdictTest : public testing::Test {
 protected:
  VerdictTest() {
    text(lbd_, "", "state", "serving");
    number(lbd_, "", "servers", 3);
    number(lbd_, "", "servers_up", 3);
    vrrpd_.vrrp.add_instances()->set_name("VI_1");
    vrrpd_.vrrp.mutable_instances(0)->set_state(tandem::VRRP_MASTER);
    text(syncd_, "node lb2", "state", "in sync");
  }
  static void text(Answer& answer, const char* object, const char* name, const char* value) {
    auto* row = answer.stats.add_rows();
    row->set_object(object);
    row->set_name(name);
    row->set_text(value);
  }
  static void number(Answer& answer, const char* object, const char* name, uint64_t value) {
    auto* row = answer.stats.add_rows();
    row->set_object(object);
    row->set_name(name);
    row->set_value(value);
  }
  std::string said() const { return render_verdict(judge(pair(lbd_, vrrpd_, syncd_))); }
  static PairAnswers pair(const base::Result<Answer>& lbd, const base::Result<Answer>& vrrpd,
                          const base::Result<Answer>& syncd) {
    return {.here = {lbd, vrrpd, syncd}, .others = {}};
  }
  // What a node that is well says, as backup.
  static NodeAnswers well() {
    Answer lbd, vrrpd, syncd;
    text(lbd, "", "state", "serving");
    vrrpd.vrrp.add_instances()->set_name("VI_1");
    vrrpd.vrrp.mutable_instances(0)->set_state(tandem::VRRP_BACKUP);
    text(syncd, "node lb1", "state", "in sync");
    return {lbd, vrrpd, syncd};
  }
  std::string said_with(const NodeAnswers& other) const {
    PairAnswers both = pair(lbd_, vrrpd_, syncd_);
    both.others.push_back({.name = "lb2", .error = "", .linked = true, .said = other});
    return render_verdict(judge(both));
  }
  Answer lbd_, vrrpd_, syncd_;
  const base::Result<Answer> absent_ = base::Err("connect: No such file or directory");
};

TEST_F(VerdictTest, AllIsWell) {
  EXPECT_EQ(said(), "pair   well\n");
}

TEST_F(VerdictTest, WhoDoesNotAnswer) {
  EXPECT_EQ(judge(pair(absent_, absent_, absent_)).health, Health::unknown);
  EXPECT_EQ(judge(pair(absent_, vrrpd_, syncd_)).health, Health::failed);
  EXPECT_EQ(judge(pair(lbd_, absent_, syncd_)).health, Health::degraded);
  EXPECT_EQ(judge(pair(lbd_, vrrpd_, absent_)).health, Health::degraded);
}

TEST_F(VerdictTest, TheWorstComesFirst) {
  number(lbd_, "worker 1", "stalled_ms", 5000);
  auto* other = syncd_.stats.add_rows();
  other->set_object("node lb3");
  other->set_name("state");
  other->set_text("down");
  vrrpd_.vrrp.mutable_instances(0)->set_state(tandem::VRRP_FAULT);
  vrrpd_.vrrp.mutable_instances(0)->set_reason("eth0 is down");
  const Verdict verdict = judge(pair(lbd_, vrrpd_, syncd_));
  EXPECT_EQ(verdict.health, Health::failed);
  EXPECT_EQ(render_verdict(verdict),
            "pair   failed: worker 1 of lbd hangs; VI_1 is in FAULT (eth0 is down); node lb3 is down\n");
}

TEST_F(VerdictTest, WhatWouldBeMissedAtAFailover) {
  vrrpd_.vrrp.mutable_instances(0)->set_state(tandem::VRRP_BACKUP);
  vrrpd_.vrrp.mutable_instances(0)->add_lacks("another configuration");
  text(syncd_, "node lb2", "configuration", "another");
  number(lbd_, "", "backends", 2);
  number(lbd_, "", "backends_up", 1);
  EXPECT_EQ(
      said(),
      "pair   degraded: 1 of 2 backends down; VI_1 not ready to follow: another configuration; node lb2 has another "
      "configuration\n");
}

TEST_F(VerdictTest, TheOtherNodeIsWell) {
  EXPECT_EQ(said_with(well()), "pair   well\n");
}

TEST_F(VerdictTest, WhatIsWrongThereIsDegradedHere) {
  NodeAnswers other = well();
  other.lbd =
      base::Err(base::Error{base::Code::closed, base::Fault::server, base::Retry::yes, 0, "not linked with its syncd"});
  other.vrrpd->vrrp.mutable_instances(0)->set_state(tandem::VRRP_FAULT);
  other.vrrpd->vrrp.mutable_instances(0)->set_reason("lbd is down");
  EXPECT_EQ(said_with(other),
            "pair   degraded: lb2: lbd is not linked with its syncd; lb2: VI_1 is in FAULT (lbd is down)\n");
  other = well();
  other.lbd = base::Err(base::Error{base::Code::timeout, base::Fault::server, base::Retry::yes, 0, "no answer"});
  EXPECT_EQ(said_with(other), "pair   degraded: lb2: lbd does not answer\n");
}

TEST_F(VerdictTest, ServersThatAreDownOnBothAreToldOnce) {
  NodeAnswers other = well();
  for (Answer* lbd : {&lbd_, &*other.lbd}) {
    number(*lbd, "", "backends", 2);
    number(*lbd, "", "backends_up", 1);
  }
  EXPECT_EQ(said_with(other), "pair   degraded: 1 of 2 backends down\n");
  number(*other.lbd, "", "servers", 3);
  EXPECT_EQ(said_with(other), "pair   degraded: 1 of 2 backends down; lb2: 3 of 3 servers down\n");
}

TEST_F(VerdictTest, ARouterHasOneMaster) {
  NodeAnswers other = well();
  other.vrrpd->vrrp.mutable_instances(0)->set_state(tandem::VRRP_MASTER);
  EXPECT_EQ(said_with(other), "pair   degraded: VI_1 is MASTER on 2 nodes\n");
  vrrpd_.vrrp.mutable_instances(0)->set_state(tandem::VRRP_BACKUP);
  other.vrrpd->vrrp.mutable_instances(0)->set_state(tandem::VRRP_BACKUP);
  EXPECT_EQ(said_with(other), "pair   degraded: VI_1 is MASTER on no node\n");
  // Another router.
  other.vrrpd->vrrp.mutable_instances(0)->add_addresses("192.0.2.1");
  EXPECT_EQ(said_with(other), "pair   well\n");
}

TEST_F(VerdictTest, ANodeThatDoesNotTell) {
  PairAnswers both = pair(lbd_, vrrpd_, syncd_);
  both.others.push_back({.name = "lb2", .error = "no answer in time", .linked = true, .said = {}});
  EXPECT_EQ(render_verdict(judge(both)), "pair   degraded: lb2: no answer in time\n");
  both.others[0].older = true;
  EXPECT_EQ(render_verdict(judge(both)), "pair   well\n");
}

constexpr Limits kLimits{.now = base::WallTime(base::Seconds(1'800'000'000)), .certificate_days = 14};

tandem::CertificateList::Certificate& add_certificate(Answer& lbd, const char* path, int64_t days) {
  auto& list = *lbd.stats.mutable_certificates();
  list.set_matching(list.matching() + 1);
  auto& certificate = *list.add_certificates();
  certificate.set_path(path);
  certificate.set_digest("x");
  certificate.set_ends(1'800'000'000 + days * 86400);
  return certificate;
}

TEST_F(VerdictTest, CertificatesThatEndSoonAreAWarning) {
  add_certificate(lbd_, "a.pem", 9);
  const Verdict verdict = judge(pair(lbd_, vrrpd_, syncd_), kLimits);
  EXPECT_EQ(verdict.health, Health::well);
  EXPECT_EQ(render_verdict(verdict), "pair   well, but certificate a.pem ends in 9 days\n");
  lbd_.stats.mutable_certificates()->set_matching(8);
  number(lbd_, "", "backends", 1);
  EXPECT_EQ(render_verdict(judge(pair(lbd_, vrrpd_, syncd_), kLimits)),
            "pair   degraded: 1 of 1 backends down; certificate a.pem ends in 9 days; 7 more certificates end soon\n");
}

TEST_F(VerdictTest, CertificatesThatHaveEndedDegrade) {
  add_certificate(lbd_, "a.pem", -3);
  add_certificate(lbd_, "b.pem", 300).set_begins(1'800'000'001);
  EXPECT_EQ(render_verdict(judge(pair(lbd_, vrrpd_, syncd_), kLimits)),
            "pair   degraded: certificate a.pem ended 3 days ago; certificate b.pem is not valid before 2027-01-15 "
            "08:00:01 UTC\n");
}

TEST_F(VerdictTest, CertificatesOfBothNodesAreToldOnce) {
  PairAnswers both = pair(lbd_, vrrpd_, syncd_);
  both.others.push_back({.name = "lb2", .error = "", .linked = true, .said = well()});
  for (Answer* lbd : {&*both.here.lbd, &*both.others[0].said->lbd}) {
    add_certificate(*lbd, "a.pem", -3);
    add_certificate(*lbd, "b.pem", 9);
  }
  const char* const kOnce = "pair   degraded: certificate a.pem ended 3 days ago; certificate b.pem ends in 9 days";
  EXPECT_EQ(render_verdict(judge(both, kLimits)), std::string(kOnce) + "\n");
  // Those that were renewed here only.
  add_certificate(*both.others[0].said->lbd, "c.pem", 5);
  EXPECT_EQ(render_verdict(judge(both, kLimits)), std::string(kOnce) + "; lb2: certificate c.pem ends in 5 days\n");
  add_certificate(*both.others[0].said->lbd, "d.pem", -5);
  EXPECT_EQ(judge(both, kLimits).reasons.back(), "lb2: certificate d.pem ended 5 days ago");
}

}  // namespace
}  // namespace lbctl
