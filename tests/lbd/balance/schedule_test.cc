#include "lbd/balance/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace lbd::balance {
namespace {

std::string order(std::vector<uint32_t> weights) {
  std::string text;
  for (uint32_t index : smooth_order(weights)) text += std::to_string(index + 1);
  return text;
}

// What HAProxy 2.6.12 does with these weights.
TEST(Schedule, OrderIsThatOfHaproxy) {
  EXPECT_EQ(order({1, 1, 1}), "123");
  EXPECT_EQ(order({2, 1}), "112");
  EXPECT_EQ(order({1, 2}), "221");
  EXPECT_EQ(order({3, 1}), "1112");
  EXPECT_EQ(order({1, 3}), "2221");
  EXPECT_EQ(order({3, 2, 1}), "121312");
  EXPECT_EQ(order({1, 2, 3}), "323132");
  EXPECT_EQ(order({5, 1, 1}), "1112113");
  EXPECT_EQ(order({100, 100, 50}), "12123");
  EXPECT_EQ(order({4, 3}), "1121212");
  EXPECT_EQ(order({10, 1}), "11111111112");
  EXPECT_EQ(order({2, 2, 1, 1}), "123124");
  EXPECT_EQ(order({1, 1, 2, 5}), "443414342");
}

TEST(Schedule, WeightZeroHasNoTurn) {
  EXPECT_EQ(order({0, 1, 0, 1}), "24");
  EXPECT_EQ(order({0, 0}), "");
  EXPECT_EQ(order({}), "");
}

TEST(Schedule, SharesAreExact) {
  for (const std::vector<uint32_t>& weights :
       {std::vector<uint32_t>{7, 3, 2}, {13, 7, 5, 3}, {100, 37}, {256, 255, 1}, {1, 256, 17, 99}}) {
    std::vector<uint32_t> cycle = smooth_order(weights);
    for (uint32_t i = 0; i < weights.size(); ++i)
      EXPECT_EQ(std::count(cycle.begin(), cycle.end(), i), static_cast<long>(weights[i]));
  }
}

TEST(Schedule, LongCyclesAreShortened) {
  std::vector<uint32_t> weights;
  for (uint32_t i = 0; i < 10000; ++i) weights.push_back(1 + i % 256 * 16);
  std::vector<uint32_t> cycle = smooth_order(weights);
  EXPECT_LT(cycle.size(), kLongestCycle + weights.size());
  std::vector<bool> seen(weights.size());
  for (uint32_t index : cycle) seen[index] = true;
  EXPECT_EQ(std::count(seen.begin(), seen.end(), false), 0);
}

}  // namespace
}  // namespace lbd::balance
