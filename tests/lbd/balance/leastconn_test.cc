#include "tests/lbd/balance/fixture.h"

namespace lbd::balance {
namespace {

using LeastConnTest = BalanceTest;

TEST_F(LeastConnTest, EqualServersTakeTurns) {
  start("leastconn", {2, 1, 1});  // all idle: the weight does not matter, as in HAProxy
  EXPECT_EQ(run(6), "123123");
}

TEST_F(LeastConnTest, TheLeastLoadedForItsWeight) {
  start("leastconn", {2, 1});
  EXPECT_EQ(fill(2), "12");
  EXPECT_EQ(fill(1), "1");  // 1/2 is less than 1/1
  EXPECT_EQ(server(1).served(), 2u);
  server(1).give_slot();
  server(1).give_slot();
  EXPECT_EQ(fill(2), "11");
}

TEST_F(LeastConnTest, FullServersArePassedOver) {
  add(100).maxconn = 1;
  add();
  start("leastconn");
  EXPECT_EQ(fill(3), "122");
}

TEST_F(LeastConnTest, TheFailedServerIsTheLastResort) {
  start("leastconn", {1, 1});
  Wish wish;
  wish.avoid = &server(1);
  EXPECT_EQ(run(2, wish), "22");
  server(2).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(2, wish), "11");
}

}  // namespace
}  // namespace lbd::balance
