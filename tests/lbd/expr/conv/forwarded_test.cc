#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using ForwardedTest = ExprTest;

TEST_F(ForwardedTest, Elements) {
  std::string element = R"(str('for="[::1]:80";proto=https;host="a.b:8";by=_x'),)";
  EXPECT_EQ(eval(element + "rfc7239_is_valid"), "bool 1");
  EXPECT_EQ(eval(element + "rfc7239_field(for)"), "str [::1]:80");
  EXPECT_EQ(eval(element + "rfc7239_field(proto)"), "str https");
  EXPECT_EQ(eval(element + "rfc7239_field(host)"), "str a.b:8");
  EXPECT_EQ(eval(element + "rfc7239_field(by)"), "str _x");
  EXPECT_EQ(eval("str(for=1.2.3.4),rfc7239_field(by)"), "-");
  EXPECT_EQ(eval("str(a),rfc7239_field(x)"), "error: converter 'rfc7239_field': the field is proto, host, for or by");
  for (const char* bad :
       {"", "for", "for=", "for=1.2.3.4;for=1.2.3.5", "x=y", "for=1.2.3", "for=\"[::1]:x\"", "proto=a b"})
    EXPECT_EQ(eval("str('" + std::string(bad) + "'),rfc7239_is_valid"), "bool 0") << bad;
}

TEST_F(ForwardedTest, Nodes) {
  EXPECT_EQ(eval("str(1.2.3.4:80),rfc7239_n2nn"), "ipv4 1.2.3.4");
  EXPECT_EQ(eval("str([::1]),rfc7239_n2nn"), "ipv6 ::1");
  EXPECT_EQ(eval("str(unknown),rfc7239_n2nn"), "str unknown");
  EXPECT_EQ(eval("str(_a:_b),rfc7239_n2nn"), "str _a");
  EXPECT_EQ(eval("str(::1),rfc7239_n2nn"), "-");
  EXPECT_EQ(eval("str(1.2.3.4:80),rfc7239_n2np"), "int 80");
  EXPECT_EQ(eval("str(unknown:_b),rfc7239_n2np"), "str _b");
  EXPECT_EQ(eval("str(1.2.3.4),rfc7239_n2np"), "-");
  EXPECT_EQ(eval("str(1.2.3.4:99999),rfc7239_n2np"), "-");
}

}  // namespace
}  // namespace lbd::expr
