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
  EXPECT_EQ(print("%{+Z}ci"), "error: unknown flag 'Z'; there are Q, X, E, bin, json and cbor");
  EXPECT_EQ(print("%(x"), "error: this '(' has no ')'");
  EXPECT_EQ(print("%()ci"), "error: a name is missing here");
  EXPECT_EQ(print("%(x:float)ci"), "error: unknown type 'float'; there are str, int and bool");
  EXPECT_EQ(print("%[src"), "error: a ']' is missing behind the expression");
  EXPECT_EQ(print("%[nothing]"), "error: unknown sample fetch 'nothing'");
  EXPECT_EQ(print("%[req.hdr(a)]"), "error: 'req.hdr' does not exist in a log line");
}

TEST_F(LogFormatTest, Flags) {
  var("txn.x", "a\"\\]b");
  EXPECT_EQ(print("%{+Q}f"), "\"fe\"");
  EXPECT_EQ(print("%{+Q}o%f %{-Q}f %f"), "\"fe\" fe \"fe\"");
  EXPECT_EQ(print("%{+X}ci %{+X}cp"), "C0000201 04D2");
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
  EXPECT_EQ(print("a  b %hr  c %ci"), "a b c 192.0.2.1");
  EXPECT_EQ(print("a  b %[req.hdr(empty)]  c", TextFor::message, phase::kFrontRequest), "a  b   c");
  EXPECT_EQ(print("%[var(txn.x)] a", TextFor::variable, phase::kFrontRequest), " a");
  EXPECT_EQ(print("a%{-Q}ID", TextFor::message, phase::kFrontRequest), "a");  // dashes are for logs
  EXPECT_EQ(print("%{+X}o  %cp", TextFor::id, phase::kFrontRequest), "04D2");
  EXPECT_EQ(print("a  b %[var(txn.x)]  c ", TextFor::id, phase::kFrontRequest), "a b  c ");
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

TEST_F(LogFormatTest, Json) {
  t_->status = 204;
  var("txn.x", "a\"\\\x01\xff");
  var("txn.utf8", "\xc3\xa9");
  EXPECT_EQ(print("%{+json}o here %(ip)ci and %(port)cp%(line)r %(status)ST %(missing)[var(txn.y)] %(id)ID"),
            "{\"ip\": \"192.0.2.1\", \"port\": 1234, \"line\": \"GET /p?q=\\\"\\\\]x HTTP/1.1\", \"status\": 204, "
            "\"missing\": null, \"id\": null}");
  EXPECT_EQ(print("%{+json}o%(n)[int(7),neg] %(b)[bool(true)] %(v)[var(txn.x)]"),
            "{\"n\": -7, \"b\": true, \"v\": \"a\\\"\\\\\\u0001\\u00ff\"}");
  EXPECT_EQ(print("%{+json}o%(n:str)[int(7)] %(b:int)[bool(true)] %(c:bool)[int(2)] %(d:str)ST %(e:bool)ST"),
            "{\"n\": \"7\", \"b\": 1, \"c\": true, \"d\": \"204\", \"e\": true}");
  EXPECT_EQ(print("%{+json}o%(x){+X}ci %{+X}(y)cp %(bin)[bin(00ff)]"),
            "{\"x\": \"C0000201\", \"y\": \"04D2\", \"bin\": \"00FF\"}");
  EXPECT_EQ(print("%{+json}o"), "{}");
  EXPECT_EQ(print("a %{+json}ci %(name)cp %{+json}[var(txn.y)]"), "a \"192.0.2.1\" 1234 null");
  EXPECT_FALSE(diagnostics_.has_warnings());
  EXPECT_EQ(print("%{+json}o%ci"), "{}");
  EXPECT_TRUE(diagnostics_.has_warnings());
}

TEST_F(LogFormatTest, CapturesAsLists) {
  std::string_view slots[] = {"a|b", {}};
  t_->request_captures = slots;
  EXPECT_EQ(print("%{+json}o%(h)hrl %(none)hsl %(all)hr"),
            "{\"h\": [\"a|b\", null], \"none\": [], \"all\": \"{a|b|}\"}");
  EXPECT_EQ(print("%{+cbor}o%(h)hrl"), "BF61689F63617C62F6FFFF");
}

TEST_F(LogFormatTest, Cbor) {
  EXPECT_EQ(print("%{+cbor}o %(a)[int(23)] %(b)[int(-500)] %(c)[str(abc)] %(d)[bool(false)] %(e)[var(txn.y)]"),
            "BF616117"
            "6162"
            "3901F3"
            "6163"
            "63616263"
            "6164"
            "F4"
            "6165"
            "F6"
            "FF");
  EXPECT_EQ(print("%{+cbor}o%(a)[bin(00ff)] %(b)[int(100000)]"),
            "BF6161"
            "4200FF"
            "6162"
            "1A000186A0"
            "FF");
  EXPECT_EQ(print("%{+cbor,+bin}o%(a)[str(x)]"),
            "\xbf"
            "aaax"
            "\xff");
  EXPECT_EQ(print("%{+cbor}[int(1)]"), "01");
}

TEST_F(LogFormatTest, Constants) {
  EXPECT_TRUE(parse_logformat(*context_, "a 100%% b", phase::kLog, TextFor::log).is_constant());
  EXPECT_EQ(parse_logformat(*context_, "a 100%% b", phase::kLog, TextFor::log).constant(), "a 100% b");
  EXPECT_FALSE(parse_logformat(*context_, "a %ci", phase::kLog, TextFor::log).is_constant());
  EXPECT_TRUE(parse_logformat(*context_, "", phase::kLog, TextFor::log).empty());
}

}  // namespace
}  // namespace lbd::expr
