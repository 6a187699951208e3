#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class ClientSocketTest : public ExprTest {};

TEST_F(ClientSocketTest, WithoutOne) {
  for (const char* name : {"fc_rtt", "fc_rtt(us)", "fc_rttvar", "fc_unacked", "fc_sacked", "fc_retrans", "fc_fackets",
                           "fc_lost", "fc_reordering", "fc_pp_authority", "fc_pp_unique_id"})
    EXPECT_EQ(eval(name), "-") << name;
  EXPECT_EQ(eval("fc_rtt(s)"), "error: sample fetch 'fc_rtt': the unit must be ms or us");
  EXPECT_EQ(eval("fc_rcvd_proxy"), "bool 0");
  session_.worker = 3;
  EXPECT_EQ(eval("thread"), "int 3");
}

TEST_F(ClientSocketTest, WhatItFailedWith) {
  EXPECT_EQ(eval("fc_err"), "int 0");
  EXPECT_EQ(eval("fc_err_str"), "str Success");
  session_.error = ConnectionError::proxy_truncated;
  EXPECT_EQ(eval("fc_err"), "int 14");
  EXPECT_EQ(eval("fc_err_str"), "str Truncated PROXY protocol header received");
  EXPECT_EQ(eval_response("bc_err"), "-");
  with_backend(true);
  EXPECT_EQ(eval_response("bc_err"), "int 0");
  t_->server_error = ConnectionError::tls_handshake;
  EXPECT_EQ(eval_response("bc_err"), "int 34");
  EXPECT_EQ(eval_response("bc_err_str"), "str SSL handshake failure");
}

TEST_F(ClientSocketTest, HowManyComeTheSameWay) {
  EXPECT_EQ(eval("dst_conn"), "-");
  const config::Bind bind;
  const config::BindAddress address;
  server::Listener listener(bind, address);
  listener.connections = 3;
  session_.listener = &listener;
  EXPECT_EQ(eval("dst_conn"), "int 3");
}

TEST_F(ClientSocketTest, WhatAProxyHeaderTold) {
  session_.proxy = std::make_unique<ProxyTold>(ProxyTold{"www.example", ""});
  EXPECT_EQ(eval("fc_rcvd_proxy"), "bool 1");
  EXPECT_EQ(eval("fc_pp_authority"), "str www.example");
  EXPECT_EQ(eval("fc_pp_unique_id"), "-");
}

TEST_F(ClientSocketTest, AddressesOfThisHost) {
  EXPECT_EQ(eval("src_is_local"), "bool 0");
  EXPECT_EQ(eval("fc_src_is_local"), "bool 0");
  t_->src.ip = t_->dst.ip = session_.dst.ip = *base::IpAddr::parse("127.0.0.1");
  EXPECT_EQ(eval("src_is_local"), "bool 1");
  EXPECT_EQ(eval("dst_is_local"), "bool 1");
  EXPECT_EQ(eval("fc_src_is_local"), "bool 0");
  EXPECT_EQ(eval("fc_dst_is_local"), "bool 1");
}

TEST_F(ClientSocketTest, OfTheServer) {
  for (const char* name : {"bc_src", "bc_src_port", "bc_dst", "bc_dst_port", "bc_http_major"})
    EXPECT_EQ(eval_response(name), "-") << name;
  with_backend(true);
  t_->server_source = {*base::IpAddr::parse("192.0.2.9"), 999};
  response("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(eval_response("bc_src"), "ipv4 192.0.2.9");
  EXPECT_EQ(eval_response("bc_src_port"), "int 999");
  EXPECT_EQ(eval_response("bc_dst"), "ipv4 127.0.0.1");
  EXPECT_EQ(eval_response("bc_dst_port"), "int 81");
  EXPECT_EQ(eval_response("bc_http_major"), "int 1");
}

}  // namespace
}  // namespace lbd::expr
