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
  std::string said() const { return render_verdict(judge(lbd_, vrrpd_, syncd_)); }
  Answer lbd_, vrrpd_, syncd_;
  const base::Result<Answer> absent_ = base::Err("connect: No such file or directory");
};

TEST_F(VerdictTest, AllIsWell) {
  EXPECT_EQ(said(), "pair   well\n");
}

TEST_F(VerdictTest, WhoDoesNotAnswer) {
  EXPECT_EQ(judge(absent_, absent_, absent_).health, Health::unknown);
  EXPECT_EQ(judge(absent_, vrrpd_, syncd_).health, Health::failed);
  EXPECT_EQ(judge(lbd_, absent_, syncd_).health, Health::degraded);
  EXPECT_EQ(judge(lbd_, vrrpd_, absent_).health, Health::degraded);
}

TEST_F(VerdictTest, TheWorstComesFirst) {
  number(lbd_, "worker 1", "stalled_ms", 5000);
  auto* other = syncd_.stats.add_rows();
  other->set_object("node lb3");
  other->set_name("state");
  other->set_text("down");
  vrrpd_.vrrp.mutable_instances(0)->set_state(tandem::VRRP_FAULT);
  vrrpd_.vrrp.mutable_instances(0)->set_reason("eth0 is down");
  const Verdict verdict = judge(lbd_, vrrpd_, syncd_);
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

}  // namespace
}  // namespace lbctl
