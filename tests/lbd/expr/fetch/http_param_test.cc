#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using HttpParamTest = ExprTest;

TEST_F(HttpParamTest, OfTheQuery) {
  request("GET /a;p=0?a=1&b=two%20words&n=42&e=&a=3;s=x&flag HTTP/1.1\r\n\r\n");
  EXPECT_EQ(eval("urlp(a)"), "str 1");
  EXPECT_EQ(eval("url_param(b)"), "str two%20words");
  EXPECT_EQ(eval("urlp(e)"), "str ");
  EXPECT_EQ(eval("urlp(none)"), "-");
  EXPECT_EQ(eval("urlp(flag)"), "-");
  EXPECT_EQ(eval("urlp(A)"), "-");
  EXPECT_EQ(eval("urlp(s)"), "str x");
  EXPECT_EQ(eval("urlp"), "str 1");
  EXPECT_EQ(eval("urlp_val(n)"), "int 42");
  EXPECT_EQ(eval("urlp(p,;)"), "str 0?a=1");
  EXPECT_EQ(eval("urlp(a,xx)"), "error: sample fetch 'urlp': the delimiter must be one character");
  request("GET /none HTTP/1.1\r\n\r\n");
  EXPECT_EQ(eval("urlp(a)"), "-");
}

TEST_F(HttpParamTest, OfTheBody) {
  request("POST / HTTP/1.1\r\nContent-Length: 17\r\n\r\nfield=value&x=y;z");
  EXPECT_EQ(eval("req.body_param(field)"), "bin value");
  EXPECT_EQ(eval("req.body_param(x)"), "bin y;z");
  EXPECT_EQ(eval("req.body_param(z)"), "-");
  EXPECT_EQ(eval("req.body_param"), "bin value");
}

TEST_F(HttpParamTest, ConditionsLookAtEach) {
  request("GET /?a=1&a=2&b=3 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(holds("if { urlp(a) 2 }"), "yes");
  EXPECT_EQ(holds("if { urlp(a) 3 }"), "no");
  EXPECT_EQ(holds("if { urlp 3 }"), "yes");
}

}  // namespace
}  // namespace lbd::expr
