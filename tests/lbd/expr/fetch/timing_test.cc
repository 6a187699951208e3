#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using std::chrono::milliseconds;
class TimingTest : public ExprTest {};

TEST_F(TimingTest, Dates) {
  EXPECT_EQ(eval("accept_date"), "-");
  t_->at.accepted_wall = base::WallTime(std::chrono::microseconds(1262304000123456));
  t_->at.request_wall = t_->at.accepted_wall + std::chrono::seconds(1);
  EXPECT_EQ(eval("accept_date"), "int 1262304000");
  EXPECT_EQ(eval("accept_date(ms)"), "int 1262304000123");
  EXPECT_EQ(eval("request_date(us)"), "int 1262304001123456");
  EXPECT_EQ(eval("request_date(h)"), "error: sample fetch 'request_date': the unit must be s, ms or us");
}

TEST_F(TimingTest, Durations) {
  auto log = [&](const char* name) { return eval(name, phase::kLog); };
  EXPECT_EQ(eval("req.timer.hdr"), "-");
  base::MonoTime begin{std::chrono::seconds(5)};
  t_->at.accepted = begin;
  t_->at.request_start = begin + milliseconds(10);
  t_->at.request_done = begin + milliseconds(30);
  t_->at.queued_until = begin + milliseconds(60);
  t_->at.connected = begin + milliseconds(100);
  EXPECT_EQ(eval("req.timer.idle"), "int 10");
  EXPECT_EQ(eval("req.timer.hdr"), "int 20");
  EXPECT_EQ(log("req.timer.queue"), "int 30");
  EXPECT_EQ(log("bc.timer.connect"), "int 40");
  EXPECT_EQ(log("res.timer.hdr"), "-");
  t_->at.response_head = begin + milliseconds(150);
  t_->at.end = begin + milliseconds(210);
  EXPECT_EQ(log("res.timer.hdr"), "int 50");
  EXPECT_EQ(log("txn.timer.total"), "int 200");
  EXPECT_EQ(log("res.timer.data"), "int 60");
  EXPECT_EQ(log("fc.timer.total"), "int 210");
  EXPECT_EQ(eval("req.timer.tq"), "int 30");
  EXPECT_EQ(eval("fc.timer.handshake"), "int 0");
  EXPECT_EQ(log("txn.timer.user"), "int 200");
  t_->at.handshakes = milliseconds(4);
  EXPECT_EQ(eval("fc.timer.handshake"), "int 4");
  EXPECT_EQ(eval("req.timer.idle"), "int 6");
  EXPECT_EQ(log("txn.timer.user"), "int 204");
}

TEST_F(TimingTest, WhatItCost) {
  EXPECT_EQ(eval("cpu_ns_avg"), "int 0");
  t_->turns = 4;
  t_->spent = base::Nanos(1000);
  t_->waited = base::Nanos(200);
  EXPECT_EQ(eval("cpu_calls"), "int 4");
  EXPECT_EQ(eval("cpu_ns_tot"), "int 1000");
  EXPECT_EQ(eval("cpu_ns_avg"), "int 250");
  EXPECT_EQ(eval("lat_ns_tot"), "int 200");
  EXPECT_EQ(eval("lat_ns_avg"), "int 50");
}

TEST_F(TimingTest, HowItEnded) {
  t_->retries = 2;
  t_->redispatched = true;
  t_->termination.cause = 'S';
  t_->termination.phase = 'H';
  t_->bytes_in = 10;
  t_->bytes_out = 20;
  EXPECT_EQ(eval_response("txn.conn_retries"), "int 2");
  EXPECT_EQ(eval_response("txn.redispatched"), "bool 1");
  EXPECT_EQ(eval("txn.sess_term_state"), "str SH");
  EXPECT_EQ(eval("bytes_in"), "int 10");
  EXPECT_EQ(eval("bytes_out"), "int 20");
}

}  // namespace
}  // namespace lbd::expr
