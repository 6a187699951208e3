#include "lbd/server/permits.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "lbd/server/server.h"

namespace lbd::server {
namespace {

struct Asker : Waiter {
  using Waiter::Waiter;
  void granted(Server& server) override { permit = Permit(*server.permits()); }
  void turned_away() override { ADD_FAILURE(); }
  Permit permit;
};

class PermitsTest : public testing::Test {
 protected:
  Permits& start(uint32_t maxconn) {
    line_.maxconn = maxconn;
    line_.strict_maxconn = true;
    return *backend_.add_server(line_, 0).permits();
  }
  config::Server line_;
  config::Proxy proxy_;
  Backend backend_{proxy_, 0};
  base::Loop loop_;
  base::Mailbox mailbox_{loop_};
};

TEST_F(PermitsTest, OnlyWithTheWord) {
  EXPECT_EQ(backend_.add_server(line_, 0).permits(), nullptr);
}

TEST_F(PermitsTest, AreGivenBackByThemselves) {
  Permits& permits = start(1);
  ASSERT_TRUE(permits.take());
  Permit one(permits);
  EXPECT_FALSE(permits.take());
  Permit other = std::move(one);
  EXPECT_FALSE(one);
  EXPECT_EQ(permits.taken(), 1u);
  other = {};
  EXPECT_EQ(permits.taken(), 0u);
}

TEST_F(PermitsTest, GoOnToWhoWaits) {
  Permits& permits = start(1);
  ASSERT_TRUE(permits.take());
  Permit mine(permits);
  Asker first(mailbox_), second(mailbox_);
  permits.queue().push(first);
  permits.queue().push(second);
  EXPECT_TRUE(permits.wanted());
  mine = {};
  loop_.run_nowait();
  EXPECT_TRUE(first.permit);
  EXPECT_FALSE(second.permit);
  EXPECT_EQ(permits.taken(), 1u);
  backend_.servers()[0]->set_maxconn(2);
  loop_.run_nowait();
  EXPECT_TRUE(second.permit);
  EXPECT_EQ(permits.taken(), 2u);
}

TEST_F(PermitsTest, WithoutALimitThereAreAlwaysMore) {
  Permits& permits = start(0);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(permits.take());
  EXPECT_EQ(permits.taken(), 100u);
}

TEST_F(PermitsTest, NeverMoreThanTheLimitAtOnce) {
  Permits& permits = start(3);
  std::atomic<uint32_t> now{0}, most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int turn = 0; turn < 20000; ++turn) {
        if (!permits.take()) continue;
        raise_peak(most, now.fetch_add(1) + 1);
        now.fetch_sub(1);
        permits.give();
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most.load(), 3u);
  EXPECT_EQ(permits.taken(), 0u);
}

}  // namespace
}  // namespace lbd::server
