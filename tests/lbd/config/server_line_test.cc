#include "lbd/config/server_line.h"

#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_http;
using support::LoadedConfig;
using PortMap = Server::PortMap;

LoadedConfig server(const std::string& line) {
  return load_http("backend b\n server s " + line + "\n");
}

TEST(ServerLineTest, Addresses) {
  EXPECT_EQ(server("1.2.3.4:80").server().address.to_string(), "1.2.3.4:80");
  EXPECT_EQ(server("1.2.3.4:80").server().port_map, PortMap::fixed);
  EXPECT_EQ(server("1.2.3.4").server().port_map, PortMap::same);
  EXPECT_EQ(server("1.2.3.4:+100").server().port_offset, 100);
  EXPECT_EQ(server("1.2.3.4:-100").server().port_map, PortMap::offset);
  EXPECT_EQ(server("/run/o.sock").server().address.path(), "/run/o.sock");
  LoadedConfig named = server("ipv6@origin.lan:8080");
  EXPECT_EQ(named.server().host, "origin.lan");
  EXPECT_EQ(named.server().host_family, base::Family::v6);
  EXPECT_EQ(named.server().port, 8080);
  EXPECT_EQ(named.server().address.family(), AF_UNSPEC);
}

TEST(ServerLineTest, DefaultServerAddsUp) {
  LoadedConfig loaded = load_http(
      "backend b\n default-server inter 1s check weight 10\n default-server fall 5\n server a 1.1.1.1:1 weight 20\n"
      " default-server no-check\n server b 1.1.1.1:2\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.server(0).check.inter, base::Millis(1000));
  EXPECT_EQ(loaded.server(0).check.fall, 5u);
  EXPECT_EQ(loaded.server(0).weight, 20u);
  EXPECT_TRUE(loaded.server(0).check.enabled);
  EXPECT_EQ(loaded.server(1).weight, 10u);
  EXPECT_FALSE(loaded.server(1).check.enabled);
}

TEST(ServerLineTest, DefaultServerOfDefaultsIsInherited) {
  LoadedConfig loaded = support::load_config(
      "defaults\n timeout connect 1s\n timeout server 1s\n default-server rise 9\nbackend b\n server s 1.1.1.1:1\n");
  EXPECT_EQ(loaded.server().check.rise, 9u);
}

TEST(ServerLineTest, Templates) {
  LoadedConfig loaded =
      load_http("backend b\n server-template w 2-4 origin.lan:80 check\n server-template x 2 1.1.1.1:1\n");
  EXPECT_EQ(loaded.said(), "");
  ASSERT_EQ(loaded.proxy().servers.size(), 5u);
  EXPECT_EQ(loaded.server(0).name, "w2");
  EXPECT_EQ(loaded.server(2).name, "w4");
  EXPECT_EQ(loaded.server(2).id, 3u);
  EXPECT_TRUE(loaded.server(2).from_template);
  EXPECT_EQ(loaded.server(4).name, "x2");
}

TEST(ServerLineTest, Words) {
  LoadedConfig loaded = server(
      "1.1.1.1:80 weight 0 backup cookie c maxconn 9 minconn 3 maxqueue 4 slowstart 10s send-proxy-v2 disabled "
      "check inter 1s fastinter 200ms downinter 5s rise 1 fall 9 port 81 addr 2.2.2.2 observe layer4 "
      "on-error mark-down error-limit 3 agent-check agent-port 9 agent-inter 2s pool-max-conn -1 max-reuse -1 "
      "source 3.3.3.3:1000-2000 interface eth0 init-addr none resolve-prefer ipv6 non-stick redir http://x tcp-ut 3s");
  EXPECT_EQ(loaded.said(), "");
  const Server& s = loaded.server();
  EXPECT_EQ(s.weight, 0u);
  EXPECT_TRUE(s.backup && s.disabled && s.non_stick && s.agent_check && s.check.enabled);
  EXPECT_EQ(s.send_proxy, 2);
  EXPECT_EQ(s.check.fastinter, base::Millis(200));
  EXPECT_EQ(s.check.address, "2.2.2.2");
  EXPECT_EQ(s.check.port, 81);
  EXPECT_EQ(s.agent.inter, base::Millis(2000));
  EXPECT_EQ(s.source->address.port, 1000);
  EXPECT_EQ(s.source->last_port, 2000);
  EXPECT_EQ(s.source->interface, "eth0");
  EXPECT_EQ(s.pool_max_conn, -1);
  EXPECT_EQ(s.max_reuse, ~0u);
}

// Each backend tells it once for all of its servers.
TEST(ServerLineTest, WhatHasNoEffectIsToldOncePerProxy) {
  LoadedConfig loaded = support::load_http(
      "backend a\n server-template s 1-50 127.0.0.1:80 check-reuse-pool\n"
      " server x 127.0.0.1:80 check-reuse-pool\n"
      "backend b\n server y 127.0.0.1:80 check-reuse-pool\n");
  std::vector<std::string> told;
  for (const cfg::Diagnostic& each : loaded.diagnostics.all())
    if (each.severity == cfg::Severity::advice) told.push_back(std::to_string(each.line) + " " + each.text);
  EXPECT_EQ(told, (std::vector<std::string>{
                      "7 'check-reuse-pool' takes no effect yet: checks open connections of their own",
                      "10 'check-reuse-pool' takes no effect yet: checks open connections of their own",
                  }));
}

TEST(ServerLineTest, Source) {
  using Shown = Source::Shown;
  EXPECT_EQ(server("1.1.1.1:80 source 0.0.0.0 usesrc client").server().source->shown, Shown::client);
  EXPECT_EQ(server("1.1.1.1:80 source 0.0.0.0 usesrc clientip").server().source->shown, Shown::client_ip);
  LoadedConfig header = server("1.1.1.1:80 source 2.2.2.2 usesrc hdr_ip(X-Client,2) interface lo weight 3");
  EXPECT_EQ(header.said(), "");
  EXPECT_EQ(header.server().source->header, "x-client");
  EXPECT_EQ(header.server().source->occurrence, 2);
  EXPECT_EQ(header.server().source->interface, "lo");
  EXPECT_EQ(header.server().weight, 3u);
  LoadedConfig address = server("1.1.1.1:80 source 2.2.2.2 usesrc 3.3.3.3:99");
  EXPECT_EQ(address.server().source->shown, Shown::address);
  EXPECT_EQ(address.server().source->shown_address.to_string(), "3.3.3.3:99");
  EXPECT_TRUE(server("1.1.1.1:80 source 2.2.2.2 usesrc nobody").says("'usesrc' expects client"));
  EXPECT_TRUE(server("1.1.1.1:80 source a.example").says("expects an IP address"));
}

TEST(ServerLineTest, TlsWords) {
  LoadedConfig loaded = server("1.1.1.1:443 ssl verify none sni req.hdr(host) crt /c.pem no-ssl-reuse");
  EXPECT_TRUE(loaded.server().ssl);
  EXPECT_EQ(loaded.server().tls.verify, TlsVerify::none);
  EXPECT_EQ(loaded.server().tls.certificate->text, "/c.pem");
  EXPECT_FALSE(loaded.server().tls.reuse);
  EXPECT_EQ(loaded.server().tls.sni->text, "req.hdr(host)");
  EXPECT_FALSE(server("1.1.1.1:443 ssl no-ssl").server().ssl);
}

}  // namespace
}  // namespace lbd::config
