#include "lbd/balance/balancer.h"

#include "tests/lbd/balance/fixture.h"

namespace lbd::balance {
namespace {

using BalancerTest = BalanceTest;

TEST_F(BalancerTest, NoServer) {
  start("roundrobin", {1, 0});
  server(1).set_admin(server::kForcedMaintenance);
  EXPECT_EQ(assign().outcome, Outcome::no_server);
  start("roundrobin");
}

TEST_F(BalancerTest, QueuesForTheBackendWhenAllAreFull) {
  add().maxconn = 1;
  add().maxconn = 1;
  start("roundrobin");
  EXPECT_EQ(fill(2), "12");
  EXPECT_EQ(assign().outcome, Outcome::queued);
  EXPECT_EQ(waiter_.queued_in(), &backend_->queue());
  Recorder second(mailbox_);
  EXPECT_EQ(balancer_->assign(transaction_, second, 0).outcome, Outcome::queued);
  server(2).give_slot();
  server(1).give_slot();
  loop_.run_nowait();
  EXPECT_EQ(waiter_.got, &server(2));
  EXPECT_EQ(second.got, &server(1));
  EXPECT_EQ(waiter_.granted_before(), 0u);
  EXPECT_EQ(second.granted_before(), 1u);
}

TEST_F(BalancerTest, PersistenceWaitsForItsServer) {
  add().maxconn = 1;
  add();
  start("roundrobin");
  Wish wish;
  wish.server = &server(1);
  EXPECT_EQ(assign(wish).server, &server(1));
  EXPECT_EQ(assign(wish).outcome, Outcome::queued);
  EXPECT_EQ(waiter_.queued_in(), &server(1).queue());
  server(1).give_slot();
  loop_.run_nowait();
  EXPECT_EQ(waiter_.got, &server(1));
}

TEST_F(BalancerTest, PersistenceReachesADrainedServerButNoDownOne) {
  start("roundrobin", {1, 1});
  Wish wish;
  wish.server = &server(1);
  server(1).set_admin(server::kForcedDrain);
  EXPECT_EQ(run(2), "22");
  EXPECT_EQ(run(2, wish), "11");
  server(1).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(2, wish), "22");
  wish.even_if_down = true;
  EXPECT_EQ(run(2, wish), "11");
}

TEST_F(BalancerTest, AFullQueueBreaksPersistence) {
  config::Server& line = add();
  line.maxconn = 1;
  line.maxqueue = 1;
  add();
  start("roundrobin");
  Wish wish;
  wish.server = &server(1);
  EXPECT_TRUE(assign(wish).server);
  EXPECT_EQ(assign(wish).outcome, Outcome::queued);
  Recorder other(mailbox_);
  EXPECT_EQ(balancer_->assign(transaction_, other, 0, wish).server, &server(2));
}

TEST_F(BalancerTest, WhoWaitsIsNotOvertaken) {
  add().maxconn = 2;
  start("roundrobin");
  EXPECT_EQ(fill(2), "11");
  EXPECT_EQ(assign().outcome, Outcome::queued);
  server(1).give_slot();
  Recorder late(mailbox_);
  EXPECT_EQ(balancer_->assign(transaction_, late, 0).outcome, Outcome::queued);
  loop_.run_nowait();
  EXPECT_TRUE(waiter_.got);
  EXPECT_FALSE(late.got);
}

TEST_F(BalancerTest, BackupsOneOrAll) {
  add();
  add().backup = true;
  add().backup = true;
  start("roundrobin");
  EXPECT_EQ(run(2), "11");
  server(1).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(3), "222");
  proxy_.options.set(static_cast<size_t>(config::Option::allbackups));
  start("roundrobin");
  server(1).set_operational(server::Operational::stopped);
  EXPECT_EQ(run(4), "2323");
}

TEST_F(BalancerTest, UnknownAlgorithmIsAnErrorWithASuggestion) {
  cfg::Diagnostics diagnostics = check("leastcon");
  ASSERT_TRUE(diagnostics.has_errors());
  EXPECT_NE(diagnostics.all()[0].text.find("'leastcon'"), std::string::npos);
  EXPECT_NE(diagnostics.all()[0].hint.find("leastconn"), std::string::npos);
  for (const char* name : {"roundrobin", "static-rr", "leastconn", "first"}) {
    EXPECT_FALSE(check(name).has_errors());
    EXPECT_TRUE(check(name, {"x"}).has_errors());
    EXPECT_TRUE(check(std::string(name) + "(1)").has_errors());
  }
}

}  // namespace
}  // namespace lbd::balance
