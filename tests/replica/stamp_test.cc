#include "replica/stamp.h"

#include <gtest/gtest.h>

namespace replica {
namespace {

TEST(HybridClock, FollowsTheWallAndNeverStandsStill) {
  HybridClock clock;
  base::WallTime now{base::Seconds(100)};
  EXPECT_EQ(clock.next(now), 100'000'000u);
  EXPECT_EQ(clock.next(now), 100'000'001u);
  EXPECT_EQ(clock.next(now - base::Seconds(1)), 100'000'002u) << "the clock was set back";
  EXPECT_EQ(clock.next(now + base::Micros(500)), 100'000'500u);
}

TEST(HybridClock, AWriteThatKnowsOfAnotherIsLater) {
  HybridClock clock;
  clock.observe(5000);
  EXPECT_GT(clock.next(base::WallTime(base::Micros(1000))), 5000u);
}

TEST(Stamp, OriginsDiffer) {
  EXPECT_NE(origin_of("lb1"), origin_of("lb2"));
}

}  // namespace
}  // namespace replica
