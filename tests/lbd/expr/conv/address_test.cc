#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using AddressTest = ExprTest;

TEST_F(AddressTest, Masks) {
  EXPECT_EQ(eval("src,ipmask(24)"), "ipv4 192.0.2.0");
  EXPECT_EQ(eval("src,ipmask(255.0.0.0)"), "ipv4 192.0.0.0");
  EXPECT_EQ(eval("str(1.2.3.4),ipmask(16)"), "ipv4 1.2.0.0");
  EXPECT_EQ(eval("str(x),ipmask(16)"), "-");
  EXPECT_EQ(eval("str(1.2.3.4:80),ipmask(16)"), "ipv4 1.2.0.0");
  EXPECT_EQ(eval("str(01.2.3.004/8),ipmask(32)"), "ipv4 1.2.3.4");
  for (const char* none : {"1.2.3", "1.2.3.", "1.2.3.4.5", "1.2.3.256", "1..3.4", "::1/64"})
    EXPECT_EQ(eval("str(" + std::string(none) + "),ipmask(32,128)"), "-") << none;
  EXPECT_EQ(eval("ipv6(::ffff:1.2.3.4),ipmask(24)"), "ipv4 1.2.3.0");
  EXPECT_EQ(eval("ipv6(2001:db8:1::1),ipmask(24)"), "-");
  EXPECT_EQ(eval("ipv6(2001:db8:1::1),ipmask(24,32)"), "ipv6 2001:db8::");
  EXPECT_EQ(eval("ipv6(2001:db8:1::1),ipmask(24,ffff::)"), "ipv6 2001::");
}

}  // namespace
}  // namespace lbd::expr
