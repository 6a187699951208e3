#include <gtest/gtest.h>

#include "lbd/config/resolvers.h"
#include "base/fd.h"
#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_config;
using support::load_http;

constexpr const char* kBackend = "backend b\n server s1 127.0.0.1:80 ";

TEST(Resolvers, ASectionWithAll) {
  auto loaded = load_config(
      "resolvers mydns\n nameserver one 127.0.0.1:53\n nameserver two tcp@[::1]:54 maxconn 3\n resolve_retries 5\n"
      " timeout resolve 2s\n timeout retry 300\n hold valid 1s\n hold nx 2s\n hold timeout 3s\n hold refused 4s\n"
      " hold other 5s\n hold obsolete 6s\n accepted_payload_size 8192\n");
  EXPECT_EQ(loaded.said(), "");
  const Resolvers* section = loaded.config->find_resolvers("mydns");
  ASSERT_TRUE(section);
  ASSERT_EQ(section->name_servers.size(), 2u);
  EXPECT_EQ(section->name_servers[0].name, "one");
  EXPECT_EQ(section->name_servers[0].address.to_string(), "127.0.0.1:53");
  EXPECT_FALSE(section->name_servers[0].stream);
  EXPECT_EQ(section->name_servers[1].address.to_string(), "::1:54");
  EXPECT_TRUE(section->name_servers[1].stream);
  EXPECT_EQ(section->retries, 5u);
  EXPECT_EQ(section->timeout_resolve, base::Millis(2000));
  EXPECT_EQ(section->timeout_retry, base::Millis(300));
  EXPECT_EQ(section->hold_valid, base::Millis(1000));
  EXPECT_EQ(section->hold_nx, base::Millis(2000));
  EXPECT_EQ(section->hold_timeout, base::Millis(3000));
  EXPECT_EQ(section->hold_refused, base::Millis(4000));
  EXPECT_EQ(section->hold_other, base::Millis(5000));
  EXPECT_EQ(section->hold_obsolete, base::Millis(6000));
  EXPECT_EQ(section->payload, 8192u);
}

TEST(Resolvers, WhatIsWrong) {
  auto said = [](const std::string& line) { return load_config("resolvers r\n " + line + "\n").said(); };
  EXPECT_EQ(said("nameserver x 127.0.0.1"), "ALERT 2:15 'nameserver x' : missing port specification in '127.0.0.1'\n");
  EXPECT_EQ(said("nameserver x dns.example.com:53"), "ALERT 2:15 'nameserver x' needs an IP address and a port\n");
  EXPECT_EQ(said("nameserver x tcp@127.0.0.1:53 ssl"), "ALERT 2:32 a name server over TCP knows only 'maxconn'\n");
  EXPECT_NE(said("hold never 3s"), "");
  EXPECT_NE(said("timeout retry"), "");
  EXPECT_NE(said("timeout resolve 0"), "");
  EXPECT_NE(said("accepted_payload_size 70000"), "");
  EXPECT_NE(said("resolve_retries 0"), "");
  EXPECT_EQ(load_config("resolvers r\n nameserver x 127.0.0.1:53\n nameserver x 127.0.0.2:53\n").said(),
            "ALERT 3:13 there is a name server 'x' already\n");
  EXPECT_EQ(load_config("resolvers r\nresolvers r\n").said(),
            "ALERT 2:1 resolvers 'r' has same name as another resolvers (declared at a.cfg:1)\n");
}

TEST(Resolvers, WordsOfServers) {
  auto loaded = load_http(std::string("resolvers r\n nameserver x 127.0.0.1:53\n") + kBackend +
                          "resolvers r resolve-prefer ipv4 resolve-net 10.0.0.0/8,fd00::/8 resolve-opts "
                          "allow-dup-ip,ignore-weight\n server s2 127.0.0.1:80\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.server().resolve_prefer, base::Family::v4);
  ASSERT_EQ(loaded.server().resolve_net.size(), 2u);
  EXPECT_EQ(loaded.server().resolve_net[0].to_string(), "10.0.0.0/8");
  EXPECT_TRUE(loaded.server().resolve_allow_dup && loaded.server().resolve_ignore_weight);
  EXPECT_EQ(loaded.server(1).resolve_prefer, base::Family::v6);
  EXPECT_FALSE(loaded.server(1).resolve_allow_dup || loaded.server(1).resolve_ignore_weight);
}

TEST(Resolvers, WordsOfServersThatAreWrong) {
  EXPECT_NE(load_http(std::string(kBackend) + "resolve-net foo").said().find("invalid network 'foo'"),
            std::string::npos);
  EXPECT_NE(load_http(std::string(kBackend) + "resolve-opts foo").said().find("knows no option 'foo'"),
            std::string::npos);
  EXPECT_NE(load_http(std::string(kBackend) + "resolve-prefer ipv5").said(), "");
  EXPECT_NE(load_http(std::string(kBackend) + "resolvers none").said().find("unable to find the resolvers 'none'"),
            std::string::npos);
}

TEST(Resolvers, OnlyWithResolversIsAnUnderscoreAService) {
  auto loaded = load_http(
      "resolvers r\n nameserver x 127.0.0.1:53\nbackend b\n server s1 _http._tcp.test check resolvers r\n"
      " server s2 _odd.test:80\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_TRUE(loaded.server(0).srv());
  EXPECT_FALSE(loaded.server(1).srv());
  EXPECT_EQ(loaded.server(0).port_map, Server::PortMap::fixed);
}

TEST(Resolvers, NameServersOfTheSystem) {
  auto servers = parse_resolv_conf(
      "# nameserver 192.0.2.9\nsearch a.test\nnameserver 192.0.2.1\nnameserver\t2001:db8::1 # comment\n"
      "nameservers 192.0.2.3\nnameserver fe80::1%eth0\nnameserver\n");
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[0].name, "192.0.2.1");
  EXPECT_EQ(servers[0].address.to_string(), "192.0.2.1:53");
  EXPECT_EQ(servers[1].name, "2001:db8::1");
  auto text = base::read_file(kResolvConf);
  if (!text) GTEST_SKIP() << text.error().text;
  auto loaded = load_config("resolvers r\n nameserver own 127.0.0.1:53\n parse-resolv-conf\n");
  EXPECT_EQ(loaded.config->find_resolvers("r")->name_servers.size(), 1 + parse_resolv_conf(*text).size());
}

}  // namespace
}  // namespace lbd::config
