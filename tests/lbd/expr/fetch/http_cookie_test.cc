#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class HttpCookieTest : public ExprTest {
 protected:
  HttpCookieTest() {
    request("GET / HTTP/1.1\r\nCookie: one=1; two=second; one=again\r\nCookie: num=77; quoted=\"a b\"\r\n\r\n");
    response("HTTP/1.1 200 OK\r\nSet-Cookie: sid=abc; path=/\r\nSet-Cookie: n=5\r\n\r\n");
  }
};

TEST_F(HttpCookieTest, OfRequests) {
  EXPECT_EQ(eval("req.cook(two)"), "str second");
  EXPECT_EQ(eval("cook(one)"), "str again");
  EXPECT_EQ(eval("cookie(num)"), "str 77");
  EXPECT_EQ(eval("req.cook(On)"), "-");
  EXPECT_EQ(eval("req.cook(none)"), "-");
  EXPECT_EQ(eval("req.cook_val(num)"), "int 77");
  EXPECT_EQ(eval("cook_val(two)"), "int 0");
  EXPECT_EQ(eval("req.cook_cnt(one)"), "int 2");
  EXPECT_EQ(eval("cook_cnt(none)"), "int 0");
  EXPECT_EQ(eval("cook_cnt"), "int 5");
  EXPECT_EQ(holds("if { req.cook(one) 1 }"), "yes");
  EXPECT_EQ(holds("if { req.cook(one) 2 }"), "no");
}

TEST_F(HttpCookieTest, OfResponses) {
  EXPECT_EQ(eval_response("res.cook(sid)"), "str abc");
  EXPECT_EQ(eval_response("scook(n)"), "str 5");
  EXPECT_EQ(eval_response("set-cookie(n)"), "str 5");
  EXPECT_EQ(eval_response("cookie(sid)"), "str abc");
  EXPECT_EQ(eval_response("res.cook_val(n)"), "int 5");
  EXPECT_EQ(eval_response("scook_val(n)"), "int 5");
  EXPECT_EQ(eval_response("res.cook_cnt(sid)"), "int 1");
  EXPECT_EQ(eval_response("scook_cnt(path)"), "int 0");
}

}  // namespace
}  // namespace lbd::expr
