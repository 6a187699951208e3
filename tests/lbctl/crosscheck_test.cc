#include "lbctl/crosscheck.h"

#include <gmock/gmock.h>

namespace lbctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kRouter =
    "device\tVI_1\teth0\t-\tk.conf:3\n"
    "vip\tVI_1\t10.0.0.100\teth0\tk.conf:3\n";
constexpr std::string_view kProxy = "listen\tweb\t10.0.0.100\t80\ttransparent\th.cfg:9\n";

NodeFacts node() {
  NodeFacts facts;
  facts.addresses = {"127.0.0.1", "10.0.0.1"};
  facts.devices = {"lo", "eth0"};
  return facts;
}

// "error text" and "warning text".
std::vector<std::string> findings(std::string_view proxy, std::string_view router, const NodeFacts& facts = node()) {
  std::vector<std::string> found;
  for (const Finding& finding : crosscheck(proxy, router, facts))
    found.push_back((finding.error ? "error " : "warning ") + finding.text);
  return found;
}

TEST(Crosscheck, AGoodPairOfFiles) {
  EXPECT_THAT(findings(kProxy, kRouter), IsEmpty());
  EXPECT_THAT(findings("listen\tweb\t*\t80\tbound\th.cfg:9\n", kRouter), IsEmpty());
  EXPECT_THAT(findings("listen\tweb\t10.0.0.1\t80\tbound\th.cfg:9\n", ""), IsEmpty());
}

TEST(Crosscheck, NobodyListensAtAVirtualAddress) {
  EXPECT_THAT(findings("listen\tweb\t10.0.0.1\t80\tbound\th.cfg:9\n", kRouter),
              ElementsAre("warning k.conf:3: nobody listens at the virtual address 10.0.0.100 of VI_1"));
}

TEST(Crosscheck, AListenerNeedsItsAddress) {
  EXPECT_THAT(findings("listen\tweb\t10.0.0.99\t80\ttransparent\th.cfg:9\n", ""),
              ElementsAre(HasSubstr("error h.cfg:9: 'web' listens at 10.0.0.99, which is neither")));
  const std::string_view bound = "listen\tweb\t10.0.0.100\t80\tbound\th.cfg:9\n";
  EXPECT_THAT(findings(bound, kRouter), ElementsAre(HasSubstr("which the other node may hold")));
  NodeFacts may = node();
  may.binds_foreign_v4 = true;
  EXPECT_THAT(findings(bound, kRouter, may), IsEmpty());
  NodeFacts holds = node();
  holds.addresses.insert("10.0.0.100");
  EXPECT_THAT(findings(bound, kRouter, holds), IsEmpty());
}

TEST(Crosscheck, RoutersAreWhoTheySay) {
  const std::string router = std::string(kRouter) +
                             "device\tVI_2\teth7\t-\tk.conf:20\nsource\tVI_2\t10.0.0.9\t-\tk.conf:20\n"
                             "peer\tVI_2\t10.0.0.1\t-\tk.conf:20\npeer\tVI_2\t10.0.0.2\t-\tk.conf:20\n";
  EXPECT_THAT(findings(kProxy, router),
              ElementsAre("error k.conf:20: VI_2: there is no interface 'eth7' here",
                          "error k.conf:20: VI_2: the source 10.0.0.9 is not an address of this node",
                          "error k.conf:20: VI_2: the peer 10.0.0.1 is this node itself"));
}

TEST(Crosscheck, PeersAreThisNodeAndAnother) {
  const auto with = [](std::string_view peers) { return std::string(kProxy) + std::string(peers); };
  EXPECT_THAT(
      findings(with("peer\tp\tlb1\tthis\t10.0.0.1\t10000\th.cfg:4\npeer\tp\tlb2\tother\t10.0.0.2\t10000\th.cfg:5\n"),
               kRouter),
      IsEmpty());
  EXPECT_THAT(
      findings(with("peer\tp\tlb1\tthis\t10.0.0.3\t10000\th.cfg:4\npeer\tp\tlb2\tother\t10.0.0.1\t10000\th.cfg:5\n"),
               kRouter),
      ElementsAre(HasSubstr("which has not the address 10.0.0.3"), HasSubstr("'lb2' has an address of this node")));
  EXPECT_THAT(findings(with("peer\tp\tlb2\tother\t10.0.0.2\t10000\th.cfg:5\n"), kRouter),
              ElementsAre(HasSubstr("warning h.cfg:5: no peer of 'p' is this node")));
  EXPECT_THAT(findings(with("peer\tp\tlb1\tthis\t10.0.0.1\t10000\th.cfg:4\n"), kRouter),
              ElementsAre(HasSubstr("has no other node")));
}

TEST(Crosscheck, WhatIsNotUnderstoodIsTold) {
  EXPECT_THAT(findings("listen\tweb\n", ""), ElementsAre(HasSubstr("is not understood")));
}

}  // namespace
}  // namespace lbctl
