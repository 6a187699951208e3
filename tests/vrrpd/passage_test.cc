#include "vrrpd/passage.h"

#include <gtest/gtest.h>

#include "tests/vrrpd/nft_kinds.h"
#include "vrrpd/drain.h"

namespace vrrpd {
namespace {

using Kinds = std::vector<int>;

base::IpAddr ip(const char* text) {
  return base::IpAddr::parse(text).value();
}

TEST(Passage, IsOneTransaction) {
  const PassageRoute route{"eth0", 2, {{ip("10.0.0.1"), {ip("10.0.0.100"), ip("10.0.0.101")}}}};
  EXPECT_EQ(kinds(passage_batch("t", route, {})),
            (Kinds{NFNL_MSG_BATCH_BEGIN, NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFT_MSG_NEWTABLE, NFT_MSG_NEWCHAIN,
                   NFT_MSG_NEWSET, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE,
                   NFT_MSG_NEWRULE, NFNL_MSG_BATCH_END}));
}

TEST(Passage, WhatIsOursAlreadyIsInTheSet) {
  const PassageRoute route{"eth0", 2, {{ip("fe80::1"), {ip("fd00::100")}}}};
  const TcpFlow flow{{ip("fd00::9"), 1234}, {ip("fd00::100"), 80}};
  const std::vector<uint8_t> batch = passage_batch("t", route, {flow});
  EXPECT_EQ(kinds(batch)[6], NFT_MSG_NEWSETELEM);
  // Source, its port, destination, its port, as they stand on the wire, each at a register.
  std::vector<uint8_t> key(flow.remote.ip.bytes.begin(), flow.remote.ip.bytes.end());
  key.insert(key.end(), {0x04, 0xd2, 0, 0});
  key.insert(key.end(), flow.local.ip.bytes.begin(), flow.local.ip.bytes.end());
  key.insert(key.end(), {0, 80, 0, 0});
  EXPECT_NE(std::search(batch.begin(), batch.end(), key.begin(), key.end()), batch.end());
}

TEST(Passage, OfBothFamiliesIsOneTransactionToo) {
  const PassageRoute route{"eth0", 2, {{ip("10.0.0.1"), {ip("10.0.0.100")}}, {ip("fe80::1"), {ip("fd00::100")}}}};
  EXPECT_EQ(kinds(passage_batch("t", route, {})),
            (Kinds{NFNL_MSG_BATCH_BEGIN, NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFT_MSG_NEWTABLE, NFT_MSG_NEWCHAIN,
                   NFT_MSG_NEWSET, NFT_MSG_NEWSET, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE,
                   NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFNL_MSG_BATCH_END}));
}

TEST(Drain, IsOneTransaction) {
  EXPECT_EQ(kinds(drain_batch("t", "eth0", {{ip("10.0.0.1"), {ip("10.0.0.100")}}})),
            (Kinds{NFNL_MSG_BATCH_BEGIN, NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFT_MSG_NEWTABLE, NFT_MSG_NEWCHAIN,
                   NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFNL_MSG_BATCH_END}));
}

}  // namespace
}  // namespace vrrpd
