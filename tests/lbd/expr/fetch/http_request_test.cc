#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using HttpRequestTest = ExprTest;

TEST_F(HttpRequestTest, TheTarget) {
  request("POST /dir/a%20b?x=1&y HTTP/1.0\r\nHost: Www.example:8080\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_EQ(eval("method"), "meth POST");
  EXPECT_EQ(eval("url"), "str /dir/a%20b?x=1&y");
  EXPECT_EQ(eval("path"), "str /dir/a%20b");
  EXPECT_EQ(eval("pathq"), "str /dir/a%20b?x=1&y");
  EXPECT_EQ(eval("query"), "str x=1&y");
  EXPECT_EQ(eval("base"), "str Www.example:8080/dir/a%20b");
  EXPECT_EQ(eval("baseq"), "str Www.example:8080/dir/a%20b?x=1&y");
  EXPECT_EQ(eval("req.ver"), "str 1.0");
  EXPECT_EQ(eval("req_ver"), "str 1.0");
  EXPECT_EQ(eval("url_ip"), "-");
  EXPECT_EQ(eval("url_port"), "-");
  EXPECT_EQ(eval("req.body"), "bin body");
  EXPECT_EQ(eval("req.body_len"), "int 4");
  EXPECT_EQ(eval("req.body_size"), "int 4");
}

TEST_F(HttpRequestTest, Absolute) {
  request("GET http://192.0.2.7:81/x?q HTTP/1.1\r\n\r\n");
  EXPECT_EQ(eval("path"), "str /x");
  EXPECT_EQ(eval("url_ip"), "ipv4 192.0.2.7");
  EXPECT_EQ(eval("url_port"), "int 81");
  request("GET http://name HTTP/1.1\r\n\r\n");
  EXPECT_EQ(eval("path"), "-");
  EXPECT_EQ(eval("url_ip"), "-");
  EXPECT_EQ(eval("url_port"), "int 80");
  request("OPTIONS * HTTP/1.1\r\n\r\n");
  EXPECT_EQ(eval("path"), "-");
  EXPECT_EQ(eval("query"), "-");
}

// Numbers and bytes that HAProxy 2.6 gave.
TEST_F(HttpRequestTest, Hashes) {
  request("GET /dir/Some%20path?a=1&b=two%20words&n=42&e=&a=3 HTTP/1.1\r\nHost: Www.Example.org:8080\r\n\r\n");
  EXPECT_EQ(eval("base32"), "int 3464864438");
  EXPECT_EQ(eval("base32+src"), std::string("bin \xce\x85\xa2\xb6\xc0\0\2\1", 12));
  EXPECT_EQ(eval("url32"), "int 2805980720");
  EXPECT_EQ(eval("url32+src").size(), 12u);
}

TEST_F(HttpRequestTest, TheConnection) {
  EXPECT_EQ(eval("req.proto_http"), "bool 0");
  EXPECT_EQ(eval("path"), "-");
  EXPECT_EQ(eval("unique-id"), "-");
  request("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(eval("req.proto_http"), "bool 1");
  EXPECT_EQ(eval("req_proto_http"), "bool 1");
  EXPECT_EQ(eval("http_first_req"), "bool 0");
  t_->first_request = true;
  EXPECT_EQ(eval("http_first_req"), "bool 1");
  t_->unique_id = "1-2";
  EXPECT_EQ(eval("unique-id"), "str 1-2");
}

}  // namespace
}  // namespace lbd::expr
