#include "lbd/expr/args.h"

#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class ArgsTest : public ExprTest {
 protected:
  // The texts of the arguments, in brackets, and what stands behind the last ')'.
  std::string split(std::string_view text) {
    diagnostics_ = {};
    Text at(word(text));
    std::vector<RawArg> raw;
    if (!split_args(*context_, at, raw)) return complaint();
    std::string out;
    for (const RawArg& arg : raw) out += "[" + arg.text + "]";
    return out + std::string(at.rest());
  }
  std::string mask(std::string_view text, bool v6) {
    base::IpAddr ip;
    if (!parse_mask(text, v6, ip)) return "none";
    char room[64];
    return {room, ip.print(room)};
  }
};

TEST_F(ArgsTest, Split) {
  EXPECT_EQ(split("()"), "");
  EXPECT_EQ(split("(a)"), "[a]");
  EXPECT_EQ(split("(a,b),lower"), "[a][b],lower");
  EXPECT_EQ(split("(a,)"), "[a][]");
  EXPECT_EQ(split("(,)"), "[][]");
  EXPECT_EQ(split("( a )"), "[ a ]");
  EXPECT_EQ(split("('a,b)',c)"), "[a,b)][c]");
  EXPECT_EQ(split("(\"a,b)\",c)"), "[a,b)][c]");
  EXPECT_EQ(split("('a\\nb')"), "[a\\nb]");
  EXPECT_EQ(split("(\"a\\nb\")"), "[a\nb]");
  EXPECT_EQ(split("(a\\ b\\t\\r\\\\\\\"\\')"), "[a b\t\r\\\"']");
  EXPECT_EQ(split("(a\\x)"), "[a\\x]");
  EXPECT_EQ(split("('')"), "[]");
  EXPECT_EQ(split("(a'b'c)"), "[abc]");
  EXPECT_EQ(split("(a"), "error: '(' is not closed");
  EXPECT_EQ(split("('a)"), "error: the quote ' is not closed");
  EXPECT_EQ(split("(\"a)"), "error: the quote \" is not closed");
}

TEST_F(ArgsTest, Masks) {
  EXPECT_EQ(mask("24", false), "255.255.255.0");
  EXPECT_EQ(mask("0", false), "0.0.0.0");
  EXPECT_EQ(mask("32", false), "255.255.255.255");
  EXPECT_EQ(mask("33", false), "none");
  EXPECT_EQ(mask("255.255.0.0", false), "255.255.0.0");
  EXPECT_EQ(mask("ffff::", false), "none");
  EXPECT_EQ(mask("20", true), "ffff:f000::");
  EXPECT_EQ(mask("128", true), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  EXPECT_EQ(mask("129", true), "none");
  EXPECT_EQ(mask("255.0.0.0", true), "none");
  EXPECT_EQ(mask("x", true), "none");
}

TEST_F(ArgsTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(eval("int(x)"), "error: argument 1 of sample fetch 'int': must be an integer");
  EXPECT_EQ(eval("int"), "error: argument 1 of sample fetch 'int' is missing: (integer)");
  EXPECT_EQ(eval("int(1,2)"), "error: sample fetch 'int' takes at most 1 argument: (integer)");
  EXPECT_EQ(eval("path(x)"), "error: sample fetch 'path' takes no argument");
  EXPECT_EQ(eval("ipv4(::1)"), "error: argument 1 of sample fetch 'ipv4': must be an IPv4 address");
  EXPECT_EQ(eval("ipv6(127.0.0.1)"), "error: argument 1 of sample fetch 'ipv6': must be an IPv6 address");
  EXPECT_EQ(
      eval("var(x.y)"),
      "error: argument 1 of sample fetch 'var': must be a variable: one of proc, sess, txn, req, res and check, a dot and a name");
  EXPECT_EQ(eval("nbsrv(bee)"),
            "error: argument 1 of sample fetch 'nbsrv': there is no backend 'bee', did you mean 'be'?");
  EXPECT_EQ(eval("fe_conn(be)").substr(0, 70),
            "error: argument 1 of sample fetch 'fe_conn': there is no frontend 'be'");
  EXPECT_EQ(eval("srv_conn(be/s3)").substr(0, 85),
            "error: argument 1 of sample fetch 'srv_conn': there is no server 's3' in backend 'be'");
  EXPECT_EQ(eval("str(a),add(x)"),
            "error: argument 1 of converter 'add': must be an integer or a variable such as txn.x");
  EXPECT_EQ(eval("str(a),regsub"), "error: argument 1 of converter 'regsub' is missing: (regex,string,[string])");
  EXPECT_EQ(eval("int(+5)"), "int 5");
  EXPECT_EQ(eval("int(99999999999999999999)"), "error: argument 1 of sample fetch 'int': must be an integer");
}

TEST_F(ArgsTest, DescribesItself) {
  EXPECT_EQ(describe({{{ArgKind::text}, {ArgKind::number, true}}}), "string,[integer]");
  EXPECT_EQ(describe({}), "");
  EXPECT_EQ(name_of(ArgKind::mask6), "IPv6 mask");
  EXPECT_EQ(name_of(ArgKind::userlist), "user list");
}

}  // namespace
}  // namespace lbd::expr
