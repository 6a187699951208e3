#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using HttpResponseTest = ExprTest;

TEST_F(HttpResponseTest, TheStatusLine) {
  EXPECT_EQ(eval_response("status"), "-");
  response("HTTP/1.0 203 Some Reason\r\nContent-Length: 8\r\n\r\nthe body");
  EXPECT_EQ(eval_response("status"), "int 203");
  EXPECT_EQ(eval("status", phase::kLog), "int 203");
  EXPECT_EQ(eval_response("res.ver"), "str 1.0");
  EXPECT_EQ(eval_response("resp_ver"), "str 1.0");
  EXPECT_EQ(eval_response("res.body"), "bin the body");
  EXPECT_EQ(eval_response("res.body_len"), "int 8");
  EXPECT_EQ(eval_response("res.body_size"), "int 8");
}

TEST_F(HttpResponseTest, WhatIsCaptured) {
  request("GET http://a/b?c HTTP/1.0\r\n\r\n");
  response("HTTP/1.1 200 OK\r\n\r\n");
  std::string_view slots[] = {"first", std::string_view()};
  t_->request_captures = slots;
  t_->response_captures = slots;
  EXPECT_EQ(eval("capture.req.method", phase::kLog), "str GET");
  EXPECT_EQ(eval_response("capture.req.uri"), "str /b?c");
  EXPECT_EQ(eval("capture.req.ver"), "str HTTP/1.0");
  EXPECT_EQ(eval("capture.req.hdr(0)"), "str first");
  EXPECT_EQ(eval("capture.req.hdr(1)"), "-");
  EXPECT_EQ(eval("capture.req.hdr(2)"), "-");
  EXPECT_EQ(eval_response("capture.res.hdr(0)"), "str first");
  EXPECT_EQ(eval_response("capture.res.ver"), "str HTTP/1.1");
  EXPECT_EQ(eval("capture.req.hdr(-1)"), "error: sample fetch 'capture.req.hdr': the number of a slot is not negative");
}

}  // namespace
}  // namespace lbd::expr
