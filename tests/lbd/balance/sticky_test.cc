#include "tests/lbd/balance/fixture.h"

namespace lbd::balance {
namespace {

using StickyTest = BalanceTest;

TEST_F(StickyTest, WhoComesBackStandsBehindTheOthers) {
  start("sticky", {1, 1, 1});
  EXPECT_EQ(run(4), "1111");
  server(1).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(4), "2222");
  server(1).set_operational(server::Operational::running);
  EXPECT_EQ(run(4), "2222");
  server(2).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(4), "3333");
  server(2).set_operational(server::Operational::running);
  server(3).set_admin(server::kForcedMaintenance);
  EXPECT_EQ(run(4), "1111");
  server(1).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(4), "2222");
}

TEST_F(StickyTest, OneThatFailedIsLeftOnce) {
  start("sticky", {1, 1});
  Wish wish;
  wish.avoid = &server(1);
  EXPECT_EQ(run(2, wish), "22");
  EXPECT_EQ(run(2), "11");
  server(2).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(2, wish), "11");
}

TEST_F(StickyTest, WaitsForTheOneThatIsFull) {
  add().maxconn = 1;
  add();
  start("sticky");
  EXPECT_EQ(fill(1), "1");
  EXPECT_EQ(assign().outcome, Outcome::queued);
  EXPECT_EQ(waiter_.queued_in(), &server(1).queue());
  server(1).give_slot();
  loop_.run_nowait();
  EXPECT_EQ(waiter_.got, &server(1));
}

TEST_F(StickyTest, NobodyAndBackups) {
  add();
  add().backup = true;
  start("sticky");
  server(1).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(2), "22");
  server(1).set_operational(server::Operational::running);
  EXPECT_EQ(run(2), "11");
  server(1).set_operational(server::Operational::stopped);
  server(2).set_operational(server::Operational::stopped);
  EXPECT_EQ(assign().outcome, Outcome::no_server);
}

}  // namespace
}  // namespace lbd::balance
