#include "vrrpd/vmac.h"

#include <gtest/gtest.h>

namespace vrrpd {
namespace {

using base::Family;

TEST(Vmac, TheAddressOfTheRfc) {
  EXPECT_EQ(virtual_mac(Family::v4, 51), (MacAddress{0, 0, 0x5e, 0, 1, 51}));
  EXPECT_EQ(virtual_mac(Family::v6, 255), (MacAddress{0, 0, 0x5e, 0, 2, 255}));
}

TEST(Vmac, Names) {
  VirtualMacConfig config;
  EXPECT_EQ(vmac_name(config, "vrrp", Family::v4, 51), "vrrp.51");
  EXPECT_EQ(vmac_name(config, "vrrp", Family::v6, 51), "vrrp6.51");
  EXPECT_EQ(vmac_name(config, "gw", Family::v4, 1), "gw.1");
  config.name = "own";
  EXPECT_EQ(vmac_name(config, "vrrp", Family::v4, 51), "own");
}

}  // namespace
}  // namespace vrrpd
