#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class HttpHeaderTest : public ExprTest {
 protected:
  HttpHeaderTest() {
    request(
        "GET / HTTP/1.1\r\nHost: a\r\nX-List: a,b , c\r\nX-List: d\r\nX-Num: 15, -2\r\nX-Ip: 192.0.2.7, 2001:db8::1, "
        "x\r\n"
        "X-Empty:\r\nX-Quoted: \"a,b\", c\r\n\r\n");
    response("HTTP/1.1 200 OK\r\nServer: o\r\nX-List: p, q\r\nX-Num: 9\r\nX-Ip: 198.51.100.3\r\n\r\n");
  }
};

TEST_F(HttpHeaderTest, Values) {
  EXPECT_EQ(eval("req.hdr(x-list)"), "str d");
  EXPECT_EQ(eval("hdr(X-LIST)"), "str d");
  EXPECT_EQ(eval("req.hdr(x-list,1)"), "str a");
  EXPECT_EQ(eval("req.hdr(x-list,2)"), "str b");
  EXPECT_EQ(eval("req.hdr(x-list,-2)"), "str c");
  EXPECT_EQ(eval("req.hdr(x-list,5)"), "-");
  EXPECT_EQ(eval("req.hdr(x-list,-5)"), "-");
  EXPECT_EQ(eval("req.hdr(none)"), "-");
  EXPECT_EQ(eval("req.hdr(x-empty)"), "str ");
  EXPECT_EQ(eval("req.hdr(x-quoted,1)"), "str \"a,b\"");
  EXPECT_EQ(eval("req.fhdr(x-list)"), "str d");
  EXPECT_EQ(eval("req.fhdr(x-list,1)"), "str a,b , c");
  EXPECT_EQ(eval_response("hdr(x-list)"), "str q");
  EXPECT_EQ(eval_response("res.hdr(x-list,1)"), "str p");
  EXPECT_EQ(eval_response("shdr(server)"), "str o");
  EXPECT_EQ(eval_response("res.fhdr(x-list)"), "str p, q");
}

TEST_F(HttpHeaderTest, Numbers) {
  EXPECT_EQ(eval("req.hdr_val(x-num)"), "int -2");
  EXPECT_EQ(eval("hdr_val(x-num,1)"), "int 15");
  EXPECT_EQ(eval("req.hdr_val(host)"), "int 0");
  EXPECT_EQ(eval_response("res.hdr_val(x-num)"), "int 9");
  EXPECT_EQ(eval_response("shdr_val(x-num)"), "int 9");
  EXPECT_EQ(eval("req.hdr_cnt(x-list)"), "int 4");
  EXPECT_EQ(eval("hdr_cnt(none)"), "int 0");
  EXPECT_EQ(eval("req.fhdr_cnt(x-list)"), "int 2");
  EXPECT_EQ(eval_response("res.hdr_cnt(x-list)"), "int 2");
  EXPECT_EQ(eval_response("shdr_cnt(x-list)"), "int 2");
  EXPECT_EQ(eval_response("res.fhdr_cnt(x-list)"), "int 1");
}

TEST_F(HttpHeaderTest, Addresses) {
  EXPECT_EQ(eval("req.hdr_ip(x-ip,1)"), "ipv4 192.0.2.7");
  EXPECT_EQ(eval("hdr_ip(x-ip,2)"), "ipv6 2001:db8::1");
  EXPECT_EQ(eval("req.hdr_ip(x-ip,3)"), "-");
  EXPECT_EQ(eval_response("res.hdr_ip(x-ip)"), "ipv4 198.51.100.3");
  EXPECT_EQ(eval_response("shdr_ip(x-ip)"), "ipv4 198.51.100.3");
}

TEST_F(HttpHeaderTest, All) {
  EXPECT_EQ(eval_response("res.hdr_names"), "str server,x-list,x-num,x-ip");
  EXPECT_EQ(eval_response("res.hdrs"), "bin server: o\r\nx-list: p, q\r\nx-num: 9\r\nx-ip: 198.51.100.3\r\n\r\n");
  request("GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n");
  EXPECT_EQ(eval("req.hdr_names(;)"), "str host;b");
  EXPECT_EQ(eval("req.hdrs"), "bin host: a\r\nb: c\r\n\r\n");
  request_->head.headers.remove("b");
  EXPECT_EQ(eval("req.hdr_names"), "str host");
  EXPECT_EQ(eval("req.hdr(b)"), "-");
}

TEST_F(HttpHeaderTest, ConditionsLookAtEach) {
  EXPECT_EQ(holds("if { req.hdr(x-list) b }"), "yes");
  EXPECT_EQ(holds("if { req.hdr(x-list) 'b , c' }"), "no");
  EXPECT_EQ(holds("if { req.fhdr(x-list) 'a,b , c' }"), "yes");
  EXPECT_EQ(holds("if { req.hdr_val(x-num) 15 }"), "yes");
  EXPECT_EQ(holds("if { req.hdr_ip(x-ip) 2001:db8::/32 }"), "yes");
  EXPECT_EQ(holds("if { req.hdr(x-list,1) b }"), "no");
}

TEST_F(HttpHeaderTest, InBinary) {
  request("GET / HTTP/1.1\r\nA: b\r\n\r\n");
  EXPECT_EQ(eval("req.hdrs_bin,hex"), "str 016101620000");
  response("HTTP/1.1 200 OK\r\nA: " + std::string(300, 'x') + "\r\n\r\n");
  EXPECT_EQ(eval_response("res.hdrs_bin,hex").substr(0, 14), "str 0161FC0378");
}

}  // namespace
}  // namespace lbd::expr
