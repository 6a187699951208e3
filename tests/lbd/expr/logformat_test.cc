#include "lbd/expr/logformat.h"

#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class LogFormatTest : public ExprTest {
 protected:
  LogFormatTest() { request("GET /p?q=\"\\]x HTTP/1.1\r\nHost: a\r\nEmpty:\r\n\r\n"); }
  void var(const char* name, std::string_view text) {
    t_->vars.set(*parse_var_name(name), Value::of_text(text), &arena_);
  }
};

TEST_F(LogFormatTest, TextAndTags) {
  EXPECT_EQ(print("plain text"), "plain text");
  EXPECT_EQ(print("100%%"), "100%");
  EXPECT_EQ(print("[%ci:%cp]"), "[192.0.2.1:1234]");
  EXPECT_EQ(print("%f-%HM"), "fe-GET");
  EXPECT_EQ(print("%[src]:%[src_port]"), "192.0.2.1:1234");
  EXPECT_EQ(print(""), "");
}

TEST_F(LogFormatTest, Errors) {
  EXPECT_EQ(print("%nothing"), "error: unknown log tag '%nothing'");
  EXPECT_EQ(print("%"), "error: unknown log tag '%'");
  EXPECT_EQ(print("%{+Q"), "error: this '{' has no '}'");
  EXPECT_EQ(print("%{+Z}ci"), "error: unknown flag 'Z'; there are Q, X and E");
  EXPECT_EQ(print("%[src"), "error: a ']' is missing behind the expression");
  EXPECT_EQ(print("%[nothing]"), "error: unknown sample fetch 'nothing'");
  EXPECT_EQ(print("%[req.hdr(a)]"), "error: 'req.hdr' does not exist in a log line");
}

TEST_F(LogFormatTest, Flags) {
  var("txn.x", "a\"\\]b");
  EXPECT_EQ(print("%{+Q}f"), "\"fe\"");
  EXPECT_EQ(print("%{+Q}o%f %{-Q}f %f"), "\"fe\" fe \"fe\"");
  EXPECT_EQ(print("%{+X}ci %{+X}cp"), "C0000201 4D2");
  EXPECT_EQ(print("%{+Q}[var(txn.x)]"), "\"a\"\\]b\"");
  EXPECT_EQ(print("%{+E}[var(txn.x)]"), "a\\\"\\\\\\]b");
  EXPECT_EQ(print("%{+Q,+E}[var(txn.x)]"), "\"a\\\"\\\\\\]b\"");
  EXPECT_EQ(print("%HU"), "/p?q=#22\\]x");
  EXPECT_EQ(print("%{+E}HU"), "/p?q=#22\\\\\\]x");
  EXPECT_EQ(print("%{+Q}r"), "\"GET /p?q=#22\\]x HTTP/1.1\"");
}

TEST_F(LogFormatTest, WhatIsMissing) {
  EXPECT_EQ(print("a %[var(txn.x)] b"), "a - b");
  EXPECT_EQ(print("a %{+Q}[var(txn.x)] b"), "a \"\" b");
  EXPECT_EQ(print("a %ID b"), "a - b");
  EXPECT_EQ(print("a %hr b"), "a b");  // a tag that prints nothing leaves no gap
  EXPECT_EQ(print("a%[var(txn.x)]b", TextFor::variable, phase::kFrontRequest), "ab");
  EXPECT_EQ(print("a%[req.hdr(empty)]b", TextFor::message, phase::kFrontRequest), "ab");
}

TEST_F(LogFormatTest, NoControlByteGetsIntoAMessage) {
  var("txn.x", "a\r\nSet-Cookie: b\t\x7f\x80 %");
  EXPECT_EQ(print("%[var(txn.x)]", TextFor::message, phase::kFrontRequest), "a%0D%0ASet-Cookie: b\t%7F\x80 %");
  EXPECT_EQ(print("%{+Q}[str(']')]", TextFor::message, phase::kFrontRequest), "]");
  EXPECT_EQ(print("%{+E}[str('a\"b')]", TextFor::message, phase::kFrontRequest), "a\\\"b");
  t_->payload = "a\r\nb: c";
  EXPECT_EQ(print("x %[req.body]", TextFor::message, phase::kFrontRequest), "x a%0D%0Ab: c");
  EXPECT_EQ(print("%[var(txn.x)]", TextFor::variable, phase::kFrontRequest), "a\r\nSet-Cookie: b\t\x7f\x80 %");
  EXPECT_EQ(print("%[bin(41004200)]", TextFor::message, phase::kFrontRequest), "A");
  EXPECT_EQ(print("%[bin(41004200)]"), "A");
}

TEST_F(LogFormatTest, CutsWhatDoesNotFit) {
  LogFormat format = parse_logformat(*context_, "%{+Q}f and %ci", phase::kLog, TextFor::log);
  std::string whole = "\"fe\" and 192.0.2.1";
  for (size_t room = 0; room <= whole.size() + 1; ++room) {
    std::string to(room, '?');
    size_t size = format.print(*t_, to.data(), room);
    EXPECT_EQ(to.substr(0, size), whole.substr(0, room));
  }
  var("txn.x", std::string(5000, 'x'));
  EXPECT_EQ(print("%[var(txn.x)]", TextFor::message, phase::kFrontRequest).size(), 5000u);
}

TEST_F(LogFormatTest, Constants) {
  EXPECT_TRUE(parse_logformat(*context_, "a 100%% b", phase::kLog, TextFor::log).is_constant());
  EXPECT_EQ(parse_logformat(*context_, "a 100%% b", phase::kLog, TextFor::log).constant(), "a 100% b");
  EXPECT_FALSE(parse_logformat(*context_, "a %ci", phase::kLog, TextFor::log).is_constant());
  EXPECT_TRUE(parse_logformat(*context_, "", phase::kLog, TextFor::log).empty());
}

}  // namespace
}  // namespace lbd::expr
