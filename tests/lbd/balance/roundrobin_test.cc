#include "lbd/balance/roundrobin.h"

#include <thread>

#include "tests/lbd/balance/fixture.h"

namespace lbd::balance {
namespace {

using RoundRobinTest = BalanceTest;

TEST_F(RoundRobinTest, StrictOverAllWorkersFromTheFirstServerOn) {
  start("roundrobin", {1, 1, 1});
  EXPECT_EQ(run(9), "123123123");
}

TEST_F(RoundRobinTest, Weights) {
  start("roundrobin", {1, 3});
  EXPECT_EQ(run(8), "22212221");
}

TEST_F(RoundRobinTest, StaticWeights) {
  start("static-rr", {1, 3});
  EXPECT_EQ(run(8), "12221222");
  server(2).set_user_weight(1);
  EXPECT_EQ(run(4), "1222") << "weights of the configuration";
}

TEST_F(RoundRobinTest, GoesOnBehindTheLastWhenAServerLeavesOrReturns) {
  start("roundrobin", {1, 1, 1});
  EXPECT_EQ(run(2), "12");
  server(3).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(3), "121");
  server(3).set_operational(server::Operational::running);
  EXPECT_EQ(run(4), "2312");
  server(2).set_user_weight(0);
  EXPECT_EQ(run(3), "313");
}

TEST_F(RoundRobinTest, FullServersArePassedOver) {
  add().maxconn = 1;
  add();
  start("roundrobin");
  EXPECT_EQ(fill(5), "12222");
}

TEST_F(RoundRobinTest, TheFailedServerIsTheLastResort) {
  start("roundrobin", {1, 1});
  Wish wish;
  wish.avoid = &server(1);
  EXPECT_EQ(run(3, wish), "222");
  server(2).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(2, wish), "11");
}

TEST_F(RoundRobinTest, ThreadsShareOneRotation) {
  start("roundrobin", {1, 1, 1, 2});
  constexpr int kEach = 5000;
  std::vector<std::vector<int>> counts(kWorkers, std::vector<int>(5));
  std::vector<std::thread> threads;
  for (uint32_t worker = 0; worker < kWorkers; ++worker)
    threads.emplace_back([&, worker] {
      base::BlockPool pool(4096, 4);
      base::Arena arena(pool);
      expr::Session session;
      expr::Transaction transaction(session, arena);
      base::Loop loop;
      base::Mailbox mailbox(loop);
      Recorder waiter(mailbox);
      for (int i = 0; i < kEach; ++i) {
        Assignment got = balancer_->assign(transaction, waiter, worker);
        ++counts[worker][got.server->index()];
        got.server->give_slot();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < 4; ++i) {
    int sum = 0;
    for (uint32_t worker = 0; worker < kWorkers; ++worker) sum += counts[worker][i];
    EXPECT_EQ(sum, static_cast<int>(kWorkers) * kEach / 5 * (i == 3 ? 2 : 1));
  }
}

}  // namespace
}  // namespace lbd::balance
