#include "vrrpd/firewall.h"

#include <gtest/gtest.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <cstring>

namespace vrrpd {
namespace {

// The kinds of the messages in a batch, which must fill it exactly.
std::vector<int> kinds(const std::vector<uint8_t>& batch) {
  std::vector<int> all;
  size_t at = 0;
  while (at + sizeof(nlmsghdr) <= batch.size()) {
    nlmsghdr header;
    std::memcpy(&header, batch.data() + at, sizeof header);
    if (header.nlmsg_len < sizeof header) break;
    all.push_back(header.nlmsg_type >= (NFNL_SUBSYS_NFTABLES << 8) ? header.nlmsg_type & 0xff : header.nlmsg_type);
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  EXPECT_EQ(at, batch.size());
  return all;
}

TEST(Firewall, ReplacesTheTableInOneTransaction) {
  EXPECT_EQ(kinds(firewall_batch({})),
            (std::vector<int>{NFNL_MSG_BATCH_BEGIN, NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFNL_MSG_BATCH_END}));
  EXPECT_EQ(kinds(firewall_batch({base::IpAddr::v4(1), base::IpAddr::any(base::Family::v6)})),
            (std::vector<int>{NFNL_MSG_BATCH_BEGIN, NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFT_MSG_NEWTABLE,
                              NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFNL_MSG_BATCH_END}));
}

}  // namespace
}  // namespace vrrpd
