#include <gtest/gtest.h>

#include "tests/lbd/stats/stats_fixture.h"

namespace lbd::stats {
namespace {

using namespace std::chrono_literals;

class HistoryTest : public testing::Test, public StatsFixture {
 protected:
  void SetUp() override {
    proxy("fe", true, false);
    run();
    slot = objects->frontends()[0]->slot();
  }
  void exchange(uint64_t total_ms) {
    counters().time_samples.add();
    counters().total_time_ms.add(total_ms);
  }
  server::Counters& counters() { return blocks->at(0, slot); }
  uint64_t second(base::MonoTime at) { return server::RateCounter::second_of(at); }
  size_t slot = 0;
};

TEST_F(HistoryTest, RemembersTheBestSecond) {
  counters().session_rate.add(second(start), 5);
  history->tick(start + 1s);
  counters().session_rate.add(second(start + 1s), 2);
  EXPECT_EQ(history->rates(slot, start + 3s).sessions_max, 5u);
}

TEST_F(HistoryTest, ClearingForgetsTheMaximaAndKeepsTheAverages) {
  counters().session_rate.add(second(start), 5);
  exchange(30);
  history->tick(start + 1s);
  exchange(50);
  history->clear(false);
  EXPECT_EQ(history->rates(slot, start + 3s).sessions_max, 0u);
  EXPECT_EQ(history->times(slot).samples, 2);
  EXPECT_EQ(history->times(slot).total, 80);
}

TEST_F(HistoryTest, ClearingAllForgetsTheAverages) {
  exchange(3000);
  history->tick(start + 1s);
  exchange(50);
  history->clear(true);
  counters().clear_totals();
  EXPECT_EQ(history->times(slot).samples, 0);
  exchange(7);
  EXPECT_EQ(history->times(slot).samples, 1);
  EXPECT_EQ(history->times(slot).total, 7);
}

}  // namespace
}  // namespace lbd::stats
