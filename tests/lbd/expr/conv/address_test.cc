#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using AddressTest = ExprTest;

TEST_F(AddressTest, Masks) {
  EXPECT_EQ(eval("src,ipmask(24)"), "ipv4 192.0.2.0");
  EXPECT_EQ(eval("src,ipmask(255.0.0.0)"), "ipv4 192.0.0.0");
  EXPECT_EQ(eval("str(1.2.3.4),ipmask(16)"), "ipv4 1.2.0.0");
  EXPECT_EQ(eval("str(x),ipmask(16)"), "-");
  EXPECT_EQ(eval("ipv6(2001:db8:1::1),ipmask(24)"), "-");
  EXPECT_EQ(eval("ipv6(2001:db8:1::1),ipmask(24,32)"), "ipv6 2001:db8::");
  EXPECT_EQ(eval("ipv6(2001:db8:1::1),ipmask(24,ffff::)"), "ipv6 2001::");
}

}  // namespace
}  // namespace lbd::expr
