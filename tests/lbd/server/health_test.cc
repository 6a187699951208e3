#include "lbd/server/health.h"

#include <gtest/gtest.h>

namespace lbd::server {
namespace {

class HealthTest : public testing::Test {
 protected:
  HealthTest() {
    facts_.rise = 2;
    facts_.fall = 3;
    facts_.health = 2;
  }
  HealthChange pass() { return apply(facts_, state_, CheckResult::passed); }
  HealthChange fail() { return apply(facts_, state_, CheckResult::failed); }
  HealthChange conditional() { return apply(facts_, state_, CheckResult::conditional); }
  HealthFacts facts_;
  Operational state_ = Operational::running;
};

TEST_F(HealthTest, TheFirstResultDecides) {
  EXPECT_EQ(pass(), HealthChange::none);
  EXPECT_EQ(facts_.health, 4u);
  facts_.health = 2;
  EXPECT_EQ(fail(), HealthChange::down);
  EXPECT_EQ(facts_.health, 0u);
}

TEST_F(HealthTest, FallsAfterFallFailuresInARow) {
  pass();
  EXPECT_EQ(fail(), HealthChange::none);
  EXPECT_EQ(fail(), HealthChange::none);
  EXPECT_EQ(pass(), HealthChange::none);  // full again
  EXPECT_EQ(fail(), HealthChange::none);
  EXPECT_EQ(fail(), HealthChange::none);
  EXPECT_EQ(facts_.health, 2u);
  EXPECT_EQ(fail(), HealthChange::down);
}

TEST_F(HealthTest, RisesAfterRiseSuccessesInARow) {
  facts_.health = 0;
  state_ = Operational::stopped;
  EXPECT_EQ(fail(), HealthChange::none);
  EXPECT_EQ(pass(), HealthChange::none);
  EXPECT_EQ(fail(), HealthChange::none);
  EXPECT_EQ(facts_.health, 0u);
  EXPECT_EQ(pass(), HealthChange::none);
  EXPECT_EQ(facts_.health, 1u);
  EXPECT_EQ(pass(), HealthChange::up);
  EXPECT_EQ(facts_.health, 4u);
}

TEST_F(HealthTest, ConditionalSuccessStopsAndSuccessBringsBack) {
  EXPECT_EQ(conditional(), HealthChange::stopping);
  state_ = Operational::stopping;
  EXPECT_EQ(conditional(), HealthChange::none);
  EXPECT_EQ(pass(), HealthChange::up);
  state_ = Operational::stopped;
  facts_.health = 0;
  EXPECT_EQ(conditional(), HealthChange::none);
  EXPECT_EQ(facts_.health, 0u);
}

TEST_F(HealthTest, IntervalFollowsTheState) {
  using namespace std::chrono_literals;
  config::ServerCheck check;
  check.inter = 2000ms;
  check.fastinter = 500ms;
  check.downinter = 10000ms;
  EXPECT_EQ(check_interval(facts_, check), 500ms);  // yet unchecked
  facts_.health = 4;
  EXPECT_EQ(check_interval(facts_, check), 2000ms);
  facts_.health = 3;
  EXPECT_EQ(check_interval(facts_, check), 500ms);
  facts_.health = 0;
  EXPECT_EQ(check_interval(facts_, check), 10000ms);
  check.downinter.reset();
  EXPECT_EQ(check_interval(facts_, check), 2000ms);
}

}  // namespace
}  // namespace lbd::server
