#include "vrrpd/firewall.h"

#include "tests/vrrpd/nft_kinds.h"

namespace vrrpd {
namespace {

TEST(Firewall, ReplacesTheTableInOneTransaction) {
  EXPECT_EQ(kinds(firewall_batch({})),
            (std::vector<int>{NFNL_MSG_BATCH_BEGIN, NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFNL_MSG_BATCH_END}));
  EXPECT_EQ(kinds(firewall_batch({base::IpAddr::v4(1), base::IpAddr::any(base::Family::v6)})),
            (std::vector<int>{NFNL_MSG_BATCH_BEGIN, NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFT_MSG_NEWTABLE,
                              NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE, NFT_MSG_NEWRULE, NFNL_MSG_BATCH_END}));
}

}  // namespace
}  // namespace vrrpd
