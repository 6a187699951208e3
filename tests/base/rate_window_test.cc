#include "base/rate_window.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace base {
namespace {

constexpr MonoTime kStart{Seconds(1000)};
constexpr Nanos kPeriod = Millis(100);

TEST(RateWindow, remembers_a_period_and_fades) {
  RateWindow window;
  EXPECT_EQ(window.spent(kStart, kPeriod), 0u);
  window.spend(1000, kStart, kPeriod);
  EXPECT_EQ(window.spent(kStart + Millis(99), kPeriod), 1000u);
  EXPECT_NEAR(static_cast<double>(window.spent(kStart + Millis(150), kPeriod)), 500, 1);
  EXPECT_NEAR(static_cast<double>(window.spent(kStart + Millis(190), kPeriod)), 100, 1);
  EXPECT_EQ(window.spent(kStart + Millis(250), kPeriod), 0u);
}

TEST(RateWindow, tells_when_there_is_room_again) {
  RateWindow window;
  window.spend(1000, kStart, kPeriod);
  for (uint64_t most : {0u, 1u, 250u, 500u, 999u}) {
    RateWindow copy = window;
    const Nanos wait = copy.until(most, kStart + Millis(30), kPeriod);
    EXPECT_LE(copy.spent(kStart + Millis(30) + wait + Micros(1), kPeriod), most);
    copy = window;
    EXPECT_GT(copy.spent(kStart + Millis(30) + wait - Millis(1), kPeriod), most);
  }
  EXPECT_EQ(window.until(1000, kStart, kPeriod), Nanos::zero());
  window.spend(400, kStart + Millis(120), kPeriod);  // 800 + 400 at that moment
  EXPECT_NEAR(static_cast<double>(window.until(1000, kStart + Millis(120), kPeriod).count()), 20e6, 1e5);
}

// Whoever always spends what is left gets the rate, after the first burst.
TEST(RateWindow, holds_a_rate) {
  RateWindow window;
  constexpr uint64_t kLimit = 10000;
  uint64_t total = 0;
  for (MonoTime now = kStart; now < kStart + Seconds(2); now += Millis(3)) {
    const uint64_t spent = window.spent(now, kPeriod);
    const uint64_t more = spent < kLimit ? kLimit - spent : 0;
    window.spend(more, now, kPeriod);
    total += more;
    const auto periods = static_cast<uint64_t>((now - kStart) / kPeriod) + 1;
    ASSERT_LE(total, periods * kLimit + kLimit / 100);
  }
  EXPECT_GE(total, 19 * kLimit);
}

}  // namespace
}  // namespace base
