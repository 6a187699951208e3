#include "base/shared_rate.h"

#include <gtest/gtest.h>

#include <thread>

namespace base {
namespace {

constexpr MonoTime kStart{Seconds(1000)};

TEST(SharedRate, fades_over_a_second) {
  SharedRate rate;
  EXPECT_EQ(rate.rate(kStart), 0u);
  for (int i = 0; i < 100; ++i) rate.add(kStart + Millis(500));
  EXPECT_EQ(rate.rate(kStart + Millis(999)), 100u);
  EXPECT_EQ(rate.rate(kStart + Millis(1250)), 75u);
  rate.add(kStart + Millis(1500));
  EXPECT_EQ(rate.rate(kStart + Millis(1500)), 51u);
  EXPECT_EQ(rate.rate(kStart + Millis(3000)), 0u);
  EXPECT_EQ(rate.peak(), 100u);
}

TEST(SharedRate, loses_nothing_among_threads) {
  SharedRate rate;
  auto count = [&] {
    for (int i = 0; i < 100000; ++i) rate.add(kStart);
  };
  std::thread other(count);
  count();
  other.join();
  EXPECT_EQ(rate.rate(kStart), 200000u);
}

TEST(RateLimit, is_reached_and_passes) {
  RateLimit limit;
  limit.add(kStart);
  EXPECT_FALSE(limit.reached(kStart)) << "there is no limit";
  limit.most = 3;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(limit.reached(kStart)) << i;
    limit.add(kStart);
  }
  EXPECT_TRUE(limit.reached(kStart));
  EXPECT_TRUE(limit.reached(kStart + Millis(1000)));
  EXPECT_FALSE(limit.reached(kStart + Millis(1400)));
  limit.most = 0;
  EXPECT_FALSE(limit.reached(kStart));
}

}  // namespace
}  // namespace base
