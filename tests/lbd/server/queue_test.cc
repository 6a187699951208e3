#include "lbd/server/queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "lbd/server/server.h"

namespace lbd::server {
namespace {

struct Recorder : Waiter {
  using Waiter::Waiter;
  void granted(Server& server) override { got = &server; }
  void turned_away() override { away = true; }
  Server* got = nullptr;
  bool away = false;
};

class QueueTest : public testing::Test {
 protected:
  Server& add(uint32_t maxconn, uint32_t minconn = 0) {
    auto& line = lines_.emplace_back(std::make_unique<config::Server>());
    line->name = "s" + std::to_string(lines_.size());
    line->maxconn = maxconn;
    line->minconn = minconn;
    return backend_.add_server(*line, 0);
  }
  std::vector<std::unique_ptr<config::Server>> lines_;
  config::Proxy proxy_;
  Backend backend_{proxy_, 0};
  base::Loop loop_;
  base::Mailbox mailbox_{loop_};
};

TEST_F(QueueTest, GrantsInOrderOfArrivalAndKeepsTheSlotTaken) {
  Server& server = add(1);
  Recorder first(mailbox_), second(mailbox_);
  ASSERT_TRUE(server.take_slot());
  ASSERT_FALSE(server.take_slot());
  EXPECT_EQ(server.queue().push(first), 0u);
  EXPECT_EQ(server.queue().push(second), 1u);
  server.give_slot();
  EXPECT_EQ(server.served(), 1u);
  EXPECT_EQ(first.got, nullptr);  // not before its own thread runs
  loop_.run_nowait();
  EXPECT_EQ(first.got, &server);
  EXPECT_EQ(second.got, nullptr);
  EXPECT_EQ(server.queue().max_size(), 2u);
  server.give_slot();
  server.give_slot();
  loop_.run_nowait();
  EXPECT_EQ(second.got, &server);
  EXPECT_EQ(server.served(), 0u);
}

TEST_F(QueueTest, TheLowestRankIsServedFirst) {
  Server& server = add(1);
  Recorder usual(mailbox_), later(mailbox_), first(mailbox_), same(mailbox_);
  ASSERT_TRUE(server.take_slot());
  later.set_rank(5);
  first.set_rank(-1);
  for (Recorder* waiter : {&usual, &later, &first, &same}) server.queue().push(*waiter);
  std::vector<Recorder*> order;
  for (int i = 0; i < 4; ++i) {
    server.give_slot();
    loop_.run_nowait();
    for (Recorder* waiter : {&usual, &later, &first, &same})
      if (std::exchange(waiter->got, nullptr)) order.push_back(waiter);
  }
  EXPECT_EQ(order, (std::vector<Recorder*>{&first, &usual, &same, &later}));
}

TEST_F(QueueTest, QueueOfTheServerGoesBeforeThatOfTheBackend) {
  Server& server = add(1);
  Recorder any(mailbox_), own(mailbox_);
  ASSERT_TRUE(server.take_slot());
  backend_.queue().push(any);
  server.queue().push(own);
  server.give_slot();
  loop_.run_nowait();
  EXPECT_TRUE(own.got);
  EXPECT_FALSE(any.got);
  server.give_slot();
  loop_.run_nowait();
  EXPECT_TRUE(any.got);
}

TEST_F(QueueTest, LeaveIsRefusedOnceGranted) {
  Server& server = add(1);
  Recorder stays(mailbox_), leaves(mailbox_);
  ASSERT_TRUE(server.take_slot());
  server.queue().push(leaves);
  server.queue().push(stays);
  EXPECT_TRUE(server.queue().leave(leaves));
  EXPECT_EQ(leaves.queued_in(), nullptr);
  server.give_slot();
  EXPECT_FALSE(server.queue().leave(stays));
  loop_.run_nowait();
  EXPECT_FALSE(leaves.got);
  EXPECT_TRUE(stays.got);
  EXPECT_EQ(stays.granted_before(), 0u);  // who leaves does not count
}

TEST_F(QueueTest, AServerThatComesUpTakesFromTheBackend) {
  Server& server = add(1);
  server.set_operational(Operational::stopped);
  Recorder waiter(mailbox_);
  backend_.queue().push(waiter);
  backend_.fill();
  loop_.run_nowait();
  EXPECT_FALSE(waiter.got);
  server.set_operational(Operational::running);
  loop_.run_nowait();
  EXPECT_EQ(waiter.got, &server);
}

TEST_F(QueueTest, ADrainedServerServesItsOwnQueueOnly) {
  Server& server = add(1);
  server.set_admin(kForcedDrain);
  Recorder any(mailbox_), own(mailbox_);
  backend_.queue().push(any);
  server.queue().push(own);
  server.fill();
  loop_.run_nowait();
  EXPECT_TRUE(own.got);
  server.give_slot();
  loop_.run_nowait();
  EXPECT_FALSE(any.got);
  EXPECT_EQ(server.served(), 0u);
  EXPECT_TRUE(backend_.queue().leave(any));
}

TEST_F(QueueTest, TurnsAllAway) {
  Server& server = add(1);
  Recorder first(mailbox_), second(mailbox_);
  server.queue().push(first);
  server.queue().push(second);
  EXPECT_EQ(server.queue().turn_all_away(), 2u);
  loop_.run_nowait();
  EXPECT_TRUE(first.away && second.away);
}

TEST_F(QueueTest, RaisingTheLimitAndLoweringIt) {
  Server& server = add(1);
  Recorder waiter(mailbox_);
  ASSERT_TRUE(server.take_slot());
  server.queue().push(waiter);
  server.set_maxconn(2);
  loop_.run_nowait();
  ASSERT_TRUE(waiter.got);
  EXPECT_EQ(server.served(), 2u);
  Recorder later(mailbox_);
  server.set_maxconn(1);
  server.queue().push(later);
  server.give_slot();  // above the limit: not handed over
  loop_.run_nowait();
  EXPECT_FALSE(later.got);
  EXPECT_EQ(server.served(), 1u);
  server.give_slot();
  loop_.run_nowait();
  EXPECT_TRUE(later.got);
}

// Streams of several threads go through two servers with few slots: all are served, the limit is never passed, no
// slot is lost, whatever mixture of leaving, granting and state changes.
class Stress {
 public:
  static constexpr int kThreads = 4, kStreams = 64, kRounds = 60;

  explicit Stress(Backend& backend) : backend_(backend) {}

  struct Worker;
  struct Stream : Waiter {
    Stream(Worker& w, base::Mailbox& mailbox) : Waiter(mailbox), worker(w) {}
    void granted(Server& server) override {
      waiting = false;
      worker.run(*this, server);
    }
    void turned_away() override {
      waiting = false;
      worker.begin(*this);
    }
    Worker& worker;
    int rounds = kRounds;
    bool waiting = false;
  };

  struct Worker {
    Worker(Stress& s, uint32_t seed) : stress(s), random(seed) {
      for (int i = 0; i < kStreams; ++i) streams.push_back(std::make_unique<Stream>(*this, mailbox));
    }
    void begin(Stream& stream) {
      auto& servers = stress.backend_.servers();
      Server& wanted = *servers[random() % servers.size()];
      if (wanted.in_rotation() && wanted.has_room() && wanted.take_slot()) return run(stream, wanted);
      stream.waiting = true;
      if (random() % 4 == 0 && wanted.up()) {
        wanted.queue().push(stream);
        wanted.fill();
        if (!wanted.up() && wanted.queue().leave(stream)) again(stream);
      } else {
        if (stress.backend_.queue().push(stream) == 0) stress.backend_.fill();
        if (random() % 8 == 0 && stress.backend_.queue().leave(stream)) again(stream);
      }
    }
    void again(Stream& stream) {
      stream.waiting = false;
      mailbox.post([this, &stream] { begin(stream); });
    }
    void run(Stream& stream, Server& server) {
      if (server.served() > server.max_connections()) stress.too_many = true;
      mailbox.post([this, &stream, &server] {
        server.give_slot();
        if (--stream.rounds > 0) return begin(stream);
        if (++done == kStreams) loop.stop();
      });
    }
    Stress& stress;
    std::minstd_rand random;
    base::Loop loop;
    base::Mailbox mailbox{loop};
    std::vector<std::unique_ptr<Stream>> streams;
    int done = 0;
  };

  void run() {
    std::vector<std::unique_ptr<Worker>> workers;
    for (uint32_t i = 0; i < kThreads; ++i) workers.push_back(std::make_unique<Worker>(*this, i + 1));
    std::atomic<int> running{kThreads};
    std::vector<std::thread> threads;
    for (auto& worker : workers) {
      worker->mailbox.post([&worker] {
        for (auto& stream : worker->streams) worker->begin(*stream);
      });
      threads.emplace_back([&worker, &running] {
        worker->loop.run();
        --running;
      });
    }
    // This thread is the control thread: the second server goes down and comes back again and again.
    Server& flapping = *backend_.servers()[1];
    while (running > 0) {
      flapping.set_operational(Operational::stopped);
      flapping.queue().turn_all_away();
      std::this_thread::sleep_for(base::Micros(200));
      flapping.set_operational(Operational::running);
      std::this_thread::sleep_for(base::Micros(200));
    }
    for (auto& thread : threads) thread.join();
  }

  Backend& backend_;
  std::atomic<bool> too_many{false};
};

TEST_F(QueueTest, ManyThreadsLoseNoWakeUpAndNoSlot) {
  add(2);
  add(3);
  Stress stress(backend_);
  stress.run();
  EXPECT_FALSE(stress.too_many);
  EXPECT_EQ(backend_.queue().size(), 0u);
  for (auto& server : backend_.servers()) {
    EXPECT_EQ(server->served(), 0u);
    EXPECT_EQ(server->queue().size(), 0u);
  }
}

}  // namespace
}  // namespace lbd::server
