// What a transaction of nftables is made of, for tests.
#pragma once

#include <gtest/gtest.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace vrrpd {

// The kinds of the messages in a batch, which must fill it exactly.
inline std::vector<int> kinds(const std::vector<uint8_t>& batch) {
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

}  // namespace vrrpd
