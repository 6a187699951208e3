#include "lbd/tls/replay_guard.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::tls {
namespace {

using base::Seconds;
const base::MonoTime kStart{Seconds(1000)};

TEST(ReplayGuardTest, AHelloIsNewOnceWithinTheTimeInWhichItsTicketIsGood) {
  ReplayGuard guard;
  EXPECT_TRUE(guard.is_new("one", kStart));
  EXPECT_FALSE(guard.is_new("one", kStart));
  EXPECT_TRUE(guard.is_new("two", kStart + Seconds(14)));
  for (int later : {1, 10, 16, 29}) EXPECT_FALSE(guard.is_new("one", kStart + Seconds(later))) << later;
  EXPECT_FALSE(guard.is_new("two", kStart + Seconds(29)));
}

TEST(ReplayGuardTest, OldOnesAreForgotten) {
  ReplayGuard guard;
  EXPECT_TRUE(guard.is_new("one", kStart));
  EXPECT_TRUE(guard.is_new("one", kStart + Seconds(60)));
  EXPECT_FALSE(guard.is_new("one", kStart + Seconds(61)));
}

TEST(ReplayGuardTest, WhenItIsFullNothingIsNew) {
  ReplayGuard guard(160);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += guard.is_new(std::to_string(i), kStart);
  EXPECT_EQ(taken, 160);
  EXPECT_FALSE(guard.is_new("another", kStart));
  EXPECT_TRUE(guard.is_new("another", kStart + Seconds(31)));
}

}  // namespace
}  // namespace lbd::tls
