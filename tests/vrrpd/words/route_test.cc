#include <gtest/gtest.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

template <typename Item>
struct Parsed {
  std::vector<Item> items;
  cfg::Diagnostics diagnostics;

  explicit Parsed(const std::string& lines) {
    cfg::SourceSet sources;
    const auto blocks = cfg::parse_blocks(sources, *sources.add("t", "block {\n" + lines + "\n}"), {}, diagnostics);
    Args args(blocks.at(0), diagnostics);
    if constexpr (std::is_same_v<Item, Route>)
      parse_routes(items, args);
    else
      parse_rules(items, args);
  }
};

TEST(Routes, AsInTheManual) {
  Parsed<Route> parsed(R"(
    src 192.168.100.1 to 192.168.109.0/24 via 192.168.200.254 dev eth1
    192.168.111.0/24 dev eth2 no_track
    192.168.113.0/24 via 192.168.200.254 or 192.168.100.254 dev eth1
    blackhole 192.168.114.0/24
    0.0.0.0/0 gw 192.168.0.1 table 100
    192.168.100.0/24 table 6909 nexthop via 192.168.101.1 dev wlan0 onlink weight 1 nexthop via 192.168.101.2 dev wlan0 weight 2
    192.168.200.0/24 dev p33p1.2 tos 0x04 protocol bird scope link priority 12 mtu 1000 rtt 102 ssthresh lock 107 features ecn add
    2001:db8::4 dev p33p1.2 metric 5 pref high
    default via fe80::1 dev eth0)");
  EXPECT_EQ(parsed.diagnostics.render(), "");
  ASSERT_EQ(parsed.items.size(), 9u);
  const std::vector<Route>& r = parsed.items;
  EXPECT_EQ(r[0].to.ip.to_string(), "192.168.109.0");
  EXPECT_EQ(r[0].source->to_string(), "192.168.100.1");
  ASSERT_EQ(r[0].hops.size(), 1u);
  EXPECT_EQ(r[0].hops[0].via->to_string(), "192.168.200.254");
  EXPECT_EQ(r[0].hops[0].device, "eth1");
  ASSERT_EQ(r[2].hops.size(), 2u);
  EXPECT_EQ(r[2].hops[0].device, "eth1");
  EXPECT_EQ(r[2].hops[1].device, "eth1");
  EXPECT_EQ(r[3].type, RTN_BLACKHOLE);
  EXPECT_EQ(r[4].table, 100u);
  EXPECT_EQ(r[4].to.ip.family, base::Family::none);
  ASSERT_EQ(r[5].hops.size(), 2u);
  EXPECT_TRUE(r[5].hops[0].on_link);
  EXPECT_EQ(r[5].hops[1].weight, 2u);
  EXPECT_EQ(r[6].tos, 4);
  EXPECT_EQ(r[6].protocol, 12);
  EXPECT_EQ(*r[6].scope, RT_SCOPE_LINK);
  EXPECT_EQ(*r[6].metric, 12u);
  EXPECT_EQ(r[6].metrics, (std::vector<std::pair<uint16_t, uint32_t>>{{RTAX_MTU, 1000},
                                                                      {RTAX_RTT, 102 * 8},
                                                                      {RTAX_SSTHRESH, 107},
                                                                      {RTAX_LOCK, 1u << RTAX_SSTHRESH},
                                                                      {RTAX_FEATURES, RTAX_FEATURE_ECN}}));
  EXPECT_EQ(r[7].family, base::Family::v6);
  EXPECT_EQ(*r[7].preference, 1);
  EXPECT_EQ(r[8].family, base::Family::v6);
}

TEST(Routes, WhatIsWrongIsLeftOut) {
  for (const char* line : {"via 10.0.0.1", "10.0.0.0/8 via nowhere", "10.0.0.0/8 bogus", "10.0.0.0/8 table nosuchtable",
                           "10.0.0.0/8 mtu x", "10.0.0.0/8 dev"}) {
    Parsed<Route> parsed(line);
    EXPECT_TRUE(parsed.diagnostics.has_errors()) << line;
  }
}

TEST(Rules, AsInTheManual) {
  Parsed<Rule> parsed(R"(
    from 192.168.2.0/24 table 1
    to 192.168.2.0/24 table 1 no_track
    from 192.168.28.0/24 to 192.168.29.0/26 table main iif p33p1 oif wlan0 tos 22 fwmark 24/12 preference 39
    to 1:2:3:4:5:6:7:0/112 from 7:6:5:4:3:2::/96 table 6908 uidrange 10000-19999
    to 1:2:3:4:6:6:7:0/112 l3mdev ip_proto UDP sport 10-20 dport 20
    from 10.0.0.0/8 pref 10 goto 40
    not from 10.0.0.0/8 prohibit
    inet6 from all lookup 5 suppress_prefixlength 0)");
  EXPECT_EQ(parsed.diagnostics.render(), "");
  ASSERT_EQ(parsed.items.size(), 8u);
  const std::vector<Rule>& r = parsed.items;
  EXPECT_EQ(*r[0].table, 1u);
  EXPECT_EQ(r[0].from->length, 24);
  EXPECT_EQ(r[2].in, "p33p1");
  EXPECT_EQ(r[2].out, "wlan0");
  EXPECT_EQ(r[2].tos, 0x22);
  EXPECT_EQ(*r[2].mark, 24u);
  EXPECT_EQ(*r[2].mark_mask, 12u);
  EXPECT_EQ(*r[2].preference, 39u);
  EXPECT_EQ(r[3].family, base::Family::v6);
  EXPECT_EQ(*r[3].users, std::make_pair(10000u, 19999u));
  EXPECT_TRUE(r[4].l3mdev);
  EXPECT_EQ(*r[4].ip_protocol, 17);
  EXPECT_EQ(*r[4].source_ports, (PortRange{10, 20}));
  EXPECT_EQ(*r[4].destination_ports, (PortRange{20, 20}));
  EXPECT_EQ(r[5].action, FR_ACT_GOTO);
  EXPECT_TRUE(r[6].inverted);
  EXPECT_EQ(r[6].action, FR_ACT_PROHIBIT);
  EXPECT_EQ(r[7].family, base::Family::v6);
  EXPECT_EQ(*r[7].suppress_prefix, 0u);
}

TEST(Rules, WhatIsWrongIsLeftOut) {
  for (const char* line : {"from nowhere table 1", "from 10.0.0.0/8 bogus", "fwmark x", "sport 70000", "sport 9-8"}) {
    Parsed<Rule> parsed(line);
    EXPECT_TRUE(parsed.diagnostics.has_errors()) << line;
    EXPECT_TRUE(parsed.items.empty()) << line;
  }
}

}  // namespace
}  // namespace vrrpd
