// peers sections: who is named, where we listen, what is said of words that have no effect.
#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_http;

TEST(PeersSection, OldAndNewWayOfNamingNodes) {
  const auto old_way = load_http("peers p\n peer lb1 192.0.2.1:1024\n peer lb2 [2001:db8::2]:1024\n");
  EXPECT_EQ(old_way.said(), "");
  ASSERT_EQ(old_way.config->peers.size(), 1u);
  const Peers& section = old_way.config->peers[0];
  EXPECT_EQ(section.name, "p");
  ASSERT_EQ(section.peers.size(), 2u);
  EXPECT_EQ(section.peers[0].address->to_string(), "192.0.2.1:1024");
  EXPECT_EQ(section.peers[1].address->ip.to_string(), "2001:db8::2");
  EXPECT_FALSE(section.bind);

  const auto new_way = load_http(
      "global\n localpeer lb1\npeers p\n bind :1024 ssl crt x.pem ca-file ca.pem verify required\n"
      " default-server ssl crt x.pem ca-file ca.pem verify required\n server lb1\n server lb2 192.0.2.2:1024\n");
  EXPECT_EQ(new_way.said(), "");
  EXPECT_EQ(new_way.config->peers[0].certificate, "x.pem");
  EXPECT_EQ(new_way.config->peers[0].ca_file, "ca.pem");
  ASSERT_EQ(new_way.config->peers[0].peers.size(), 2u);
  EXPECT_EQ(new_way.config->peers[0].bind->port, 1024);
  EXPECT_FALSE(new_way.config->peers[0].peers[0].address);
}

TEST(PeersSection, Errors) {
  EXPECT_TRUE(load_http("peers p\n peer lb1\n").says("needs a name and IP:port"));
  EXPECT_TRUE(load_http("peers p\n peer lb1 host:1\n").says("needs an IP address and a port"));
  EXPECT_TRUE(load_http("peers p\n peer a 127.0.0.1:1\n peer a 127.0.0.1:2\n").says("there is a peer 'a' already"));
  EXPECT_TRUE(load_http("peers p\n pear a 127.0.0.1:1\n").says("pear"));
  EXPECT_TRUE(load_http("peers p\n disabled\n peer a 127.0.0.1:1\n").config->peers[0].disabled);
  EXPECT_FALSE(load_http("peers p\n disabled\n enabled\n").config->peers[0].disabled);
  EXPECT_TRUE(load_http("peers p\n default-bind ssl\n log global\n").says("syncd.conf says where syncd logs"));
}

TEST(PeersSection, TlsNeedsACertificateAndAnAuthority) {
  const auto without = load_http("peers p\n bind :1024 ssl crt x.pem\n server a 192.0.2.2:1024\n");
  EXPECT_TRUE(without.says("nodes prove certificates of one authority to each other"));
  EXPECT_EQ(without.config->peers[0].certificate, "");
  EXPECT_TRUE(load_http("peers p\n default-server ssl verify none\n").says("always prove their certificates"));
  EXPECT_TRUE(load_http("peers p\n bind :1 ssl crt a\n default-server ssl crt b\n").says("'crt' is 'a' already"));
  EXPECT_TRUE(load_http("peers p\n bind :1 interface lo\n").says("syncd has its own way to link the nodes"));
}

TEST(PeersSection, Shards) {
  const auto loaded = load_http("peers p\n shards 2\n server a 192.0.2.1:1 shard 1\n peer b 192.0.2.2:1 shard 2\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.config->peers[0].shards, 2u);
  EXPECT_EQ(loaded.config->peers[0].peers[1].shard, 2u);
  EXPECT_TRUE(load_http("peers p\n peer b 192.0.2.2:1 shard 2\n").says("peer 'b': shard 2 of 0"));
}

}  // namespace
}  // namespace lbd::config
