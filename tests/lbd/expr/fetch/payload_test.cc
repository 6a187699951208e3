#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class PayloadTest : public ExprTest {
 protected:
  void bytes(std::string_view data, bool final) {
    t_->payload = t_->response_payload = data;
    t_->payload_final = t_->response_payload_final = final;
  }
  std::string tcp(std::string_view text) { return eval(text, phase::kFrontContent); }
  std::string tcp_response(std::string_view text) { return eval(text, phase::kBackResponseContent); }
};

TEST_F(PayloadTest, Blocks) {
  bytes("abcdef", false);
  EXPECT_EQ(tcp("req.len"), "int 6");
  EXPECT_EQ(tcp("req_len"), "int 6");
  EXPECT_EQ(tcp_response("res.len"), "int 6");
  EXPECT_EQ(tcp("req.payload(1,3)"), "bin bcd");
  EXPECT_EQ(tcp("payload(4,0)"), "bin ef");
  EXPECT_EQ(tcp_response("res.payload(0,2)"), "bin ab");
  EXPECT_EQ(tcp_response("payload(0,2)"), "bin ab");
  EXPECT_EQ(tcp("req.payload(4,3)"), "later");
  EXPECT_EQ(tcp("req.payload(6,0)"), "later");
  bytes("abcdef", true);
  EXPECT_EQ(tcp("req.payload(4,3)"), "-");
  EXPECT_EQ(tcp("req.payload(6,0)"), "-");
  EXPECT_EQ(tcp("req.payload(-1,3)"), "error: sample fetch 'req.payload': offset and length are not negative");
}

TEST_F(PayloadTest, LengthAndValue) {
  bytes(std::string_view("x\0\3abcdef", 9), false);
  EXPECT_EQ(tcp("req.payload_lv(1,2)"), "bin abc");
  EXPECT_EQ(tcp("payload_lv(1,2,+1)"), "bin bcd");
  EXPECT_EQ(tcp("payload_lv(1,2,0)"), std::string("bin x\0\3", 7));
  EXPECT_EQ(tcp_response("res.payload_lv(1,2,-1)"), std::string("bin \3ab", 7));
  EXPECT_EQ(tcp("payload_lv(1,2,+5)"), "later");
  EXPECT_EQ(tcp("payload_lv(8,2)"), "later");
  EXPECT_EQ(tcp("payload_lv(1,1)"), "-");
  EXPECT_EQ(tcp("payload_lv(0,9)"), "error: sample fetch 'payload_lv': the length field has 1 to 8 bytes");
  EXPECT_EQ(tcp("payload_lv(0,2,-3)"), "error: sample fetch 'payload_lv': the block would begin before the data");
}

TEST_F(PayloadTest, WhatMayStillGrowIsNoReasonToSayNo) {
  bytes("abc", false);
  EXPECT_EQ(holds("if { req.len ge 4 }", phase::kFrontContent), "later");
  EXPECT_EQ(holds("if { req.len ge 3 }", phase::kFrontContent), "yes");
  EXPECT_EQ(holds("if { req.payload(0,0) -m sub cd }", phase::kFrontContent), "later");
  EXPECT_EQ(holds("if { req.payload(0,2) -m str x }", phase::kFrontContent), "no");
  bytes("abc", true);
  EXPECT_EQ(holds("if { req.len ge 4 }", phase::kFrontContent), "no");
  EXPECT_EQ(holds("if { req.payload(0,0) -m sub cd }", phase::kFrontContent), "no");
}

TEST_F(PayloadTest, TheEndOfTheWait) {
  bytes("", false);
  EXPECT_EQ(tcp("wait_end"), "later");
  EXPECT_EQ(holds("if WAIT_END", phase::kFrontContent), "later");
  bytes("", true);
  EXPECT_EQ(tcp("wait_end"), "bool 1");
  EXPECT_EQ(holds("if WAIT_END", phase::kFrontContent), "yes");
}

}  // namespace
}  // namespace lbd::expr
