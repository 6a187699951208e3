#include "lbd/server/counters.h"

#include <gtest/gtest.h>

namespace lbd::server {
namespace {

using namespace std::chrono_literals;

TEST(CountersTest, ClearingKeepsWhatIsNow) {
  Counters counters;
  counters.sessions.add(7);
  counters.sessions_now.add(3);
  counters.responses[5].add(2);
  counters.queue_time_max_ms.raise_to(9);
  counters.clear_maxima();
  EXPECT_EQ(counters.queue_time_max_ms.get(), 0u);
  EXPECT_EQ(counters.sessions.get(), 7u);
  counters.clear_totals();
  EXPECT_EQ(counters.sessions.get(), 0u);
  EXPECT_EQ(counters.responses[5].get(), 0u);
  EXPECT_EQ(counters.sessions_now.get(), 3u);
}

TEST(RateCounterTest, SlidesOverTheLastSecond) {
  RateCounter rate;
  base::MonoTime start{1000s};
  rate.add(1000, 100);
  EXPECT_EQ(rate.rate(start + 900ms), 100u);
  EXPECT_EQ(rate.rate(start + 1250ms), 75u);
  rate.add(1001, 10);
  EXPECT_EQ(rate.rate(start + 1500ms), 60u);
  EXPECT_EQ(rate.last_second(1001), 100u);
  EXPECT_EQ(rate.rate(start + 3s), 0u);
  EXPECT_EQ(rate.last_event(), 1001u);
}

TEST(PeakTest, OnlyRises) {
  std::atomic<uint32_t> peak{0};
  raise_peak(peak, 5);
  raise_peak(peak, 3);
  EXPECT_EQ(peak.load(), 5u);
}

}  // namespace
}  // namespace lbd::server
