#include "base/strings.h"
#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class HelloTest : public ExprTest {
 protected:
  void bytes(std::string_view data, bool final = true) {
    t_->payload = t_->response_payload = data;
    t_->payload_final = t_->response_payload_final = final;
  }
  static std::string from_hex(std::string_view digits) {
    std::string bytes;
    for (size_t i = 0; i < digits.size(); i += 2)
      bytes += static_cast<char>(base::hex_digit(digits[i]) * 16 + base::hex_digit(digits[i + 1]));
    return bytes;
  }
  std::string tcp(std::string_view text) { return eval(text, phase::kFrontContent); }
  std::string answer(std::string_view text) { return eval(text, phase::kBackResponseContent); }
};

TEST_F(HelloTest, OfAClient) {
  // TLS 1.2, one cipher; extensions: server_name "a.b", supported_groups, an empty session_ticket, ALPN "h2".
  const std::string hello = from_hex(
      "1603010059010000550303727272727272727272727272727272727272727272727272727272727272727200000213010100"
      "002a000000080006000003612e62000a00040002001d002300000010000e000c02683208687474702f312e31");
  bytes(hello);
  EXPECT_EQ(tcp("req.ssl_hello_type"), "int 1");
  EXPECT_EQ(tcp("req_ssl_hello_type"), "int 1");
  EXPECT_EQ(tcp("req.ssl_sni"), "str a.b");
  EXPECT_EQ(tcp("req_ssl_sni"), "str a.b");
  EXPECT_EQ(tcp("req.ssl_ver"), "int 196611");
  EXPECT_EQ(tcp("req_ssl_ver"), "int 196611");
  EXPECT_EQ(tcp("req.ssl_alpn"), "str h2");
  EXPECT_EQ(tcp("req.ssl_ec_ext"), "bool 1");
  EXPECT_EQ(tcp("req.ssl_st_ext"), "int 1");
  bytes(std::string_view(hello).substr(0, 20), false);
  EXPECT_EQ(tcp("req.ssl_sni"), "later");
  bytes(std::string_view(hello).substr(0, 20), true);
  EXPECT_EQ(tcp("req.ssl_sni"), "-");
  bytes("GET /", false);
  EXPECT_EQ(tcp("req.ssl_hello_type"), "-");
}

TEST_F(HelloTest, OfAServer) {
  const std::string hello =
      from_hex("160303002a020000260303727272727272727272727272727272727272727272727272727272727272727200130100");
  bytes(hello);
  EXPECT_EQ(answer("res.ssl_hello_type"), "int 2");
  EXPECT_EQ(answer("rep_ssl_hello_type"), "int 2");
  EXPECT_EQ(tcp("req.ssl_hello_type"), "-");
}

TEST_F(HelloTest, OfARemoteDesktop) {
  const std::string hello =
      from_hex("0300002b26e00000000000436f6f6b69653a206d737473686173683d6d653b780d0a0100080003000000");
  bytes(hello);
  EXPECT_EQ(tcp("req.rdp_cookie"), "str me;x");
  EXPECT_EQ(tcp("rdp_cookie(MSTSHASH)"), "str me;x");
  EXPECT_EQ(tcp("req.rdp_cookie(msts)"), "-");
  EXPECT_EQ(tcp("req.rdp_cookie_cnt"), "int 1");
  EXPECT_EQ(tcp("rdp_cookie_cnt(msts)"), "int 0");
  bytes(std::string_view(hello).substr(0, 25), false);
  EXPECT_EQ(tcp("req.rdp_cookie"), "later");
  EXPECT_EQ(tcp("req.rdp_cookie_cnt"), "later");
  bytes("GET / HTTP/1.1", false);
  EXPECT_EQ(tcp("req.rdp_cookie"), "-");
}

}  // namespace
}  // namespace lbd::expr
