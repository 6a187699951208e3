#include "lbd/expr/hash.h"

#include <gtest/gtest.h>

namespace lbd::expr {
namespace {

// What HAProxy 2.6 gave for str(abc),wt6 and so on, with (1) where the avalanche is meant; and the check values of
// CRCs.
TEST(Hash, GivesTheNumbersOfHaproxy) {
  EXPECT_EQ(hash::wt6("abc"), 2483038440u);
  EXPECT_EQ(hash::wt6(""), 4187620192u);
  EXPECT_EQ(hash::djb2("abc"), 193485963u);
  EXPECT_EQ(hash::sdbm("abc"), 807794786u);
  EXPECT_EQ(hash::sdbm("c", hash::sdbm("ab")), 807794786u);
  EXPECT_EQ(hash::crc32("abc"), 891568578u);
  EXPECT_EQ(hash::crc32c("abc"), 910901175u);
  EXPECT_EQ(hash::crc32("123456789"), 0xcbf43926u);
  EXPECT_EQ(hash::crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(hash::avalanche(hash::wt6("abc")), 266135527u);
  EXPECT_EQ(hash::avalanche(hash::djb2("abc")), 2235766107u);
  EXPECT_EQ(hash::avalanche(hash::sdbm("abc")), 659243622u);
}

}  // namespace
}  // namespace lbd::expr
