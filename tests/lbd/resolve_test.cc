#include "lbd/resolve.h"

#include <gtest/gtest.h>

namespace lbd {
namespace {

struct ResolveTest : testing::Test {
  ResolveTest() {
    config.proxies.push_back(std::make_unique<config::Proxy>());
    config.proxies[0]->name = "web";
    config.proxies[0]->servers.push_back(std::make_unique<config::Server>());
    server = config.proxies[0]->servers[0].get();
    server->name = "s1";
    server->port = 8080;
  }
  config::Config config;
  config::Server* server;
  cfg::Diagnostics diagnostics;
};

TEST_F(ResolveTest, NamesOfTheHostsFile) {
  server->host = "localhost";
  EXPECT_TRUE(resolve_servers(config, {}, false, diagnostics));
  EXPECT_EQ(server->address.to_string(), "127.0.0.1:8080");
}

// The name cannot exist (RFC 6761), whoever is asked.
TEST_F(ResolveTest, AnUnknownNameIsAnError) {
  server->host = "nosuchhost.invalid";
  EXPECT_FALSE(resolve_servers(config, {}, false, diagnostics));
  EXPECT_EQ(diagnostics.render(), "[ALERT] 'server web/s1' : could not resolve address 'nosuchhost.invalid'.\n");
}

TEST_F(ResolveTest, UnlessItMayBeMissing) {
  server->host = "nosuchhost.invalid";
  EXPECT_TRUE(resolve_servers(config, {}, true, diagnostics));
  EXPECT_EQ(diagnostics.render(),
            "[WARNING] 'server web/s1' : could not resolve address 'nosuchhost.invalid', disabling server.\n");
  server->init_addr = "libc,none";
  cfg::Diagnostics none;
  EXPECT_TRUE(resolve_servers(config, {}, false, none));
  EXPECT_EQ(none.render(), "");
}

TEST_F(ResolveTest, AnAddressToFallBackTo) {
  server->host = "nosuchhost.invalid";
  server->init_addr = "libc,192.0.2.7";
  EXPECT_TRUE(resolve_servers(config, {}, false, diagnostics));
  EXPECT_EQ(server->address.to_string(), "192.0.2.7:8080");
}

// dns-accept-family
TEST_F(ResolveTest, OnlyAcceptedFamilies) {
  config.global.accepted_families = {.v4 = false, .v6 = true};
  server->host = "localhost";
  server->init_addr = "libc,none";
  EXPECT_TRUE(resolve_servers(config, {}, false, diagnostics));
  EXPECT_FALSE(server->address.is_ip() && server->address.ip_port().ip.family == base::Family::v4);
}

}  // namespace
}  // namespace lbd
