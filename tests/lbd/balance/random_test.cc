#include <algorithm>

#include "tests/lbd/balance/fixture.h"

namespace lbd::balance {
namespace {

using RandomTest = BalanceTest;

TEST_F(RandomTest, OneDrawFollowsTheWeights) {
  start("random(1)", {3, 1});
  std::string names = run(4000);
  long first = std::count(names.begin(), names.end(), '1');
  EXPECT_GT(first, 2800);
  EXPECT_LT(first, 3200);
}

TEST_F(RandomTest, TwoDrawsKeepTheLoadEven) {
  start("random", {1, 1, 1, 1});
  fill(4000);
  for (size_t i = 1; i <= 4; ++i) {
    EXPECT_GT(server(i).served(), 980u);
    EXPECT_LT(server(i).served(), 1020u);
  }
}

TEST_F(RandomTest, FindsTheOnlyOneWithRoom) {
  for (int i = 0; i < 50; ++i) add().maxconn = 1;
  start("random(1)");
  std::string all = fill(50);
  EXPECT_EQ(all.find('-'), std::string::npos);
  EXPECT_EQ(fill(1), "-");
}

TEST_F(RandomTest, DrawsAreChecked) {
  EXPECT_FALSE(check("random").has_errors());
  EXPECT_FALSE(check("random(3)").has_errors());
  EXPECT_TRUE(check("random(0)").has_errors());
  EXPECT_TRUE(check("random(x)").has_errors());
  EXPECT_TRUE(check("random", {"2"}).has_errors());
}

}  // namespace
}  // namespace lbd::balance
