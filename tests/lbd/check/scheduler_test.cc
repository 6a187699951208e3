#include "lbd/check/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/lbd/check/peer.h"

namespace lbd::check {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Heard final : server::EventSink {
  void event(const server::Backend&, base::Level, const std::string& text) override { lines.push_back(text); }
  void shutdown_sessions(server::Server&) override {}
  std::vector<std::string> lines;
};

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    config_.proxies.push_back(std::make_unique<config::Proxy>());
    proxy_ = config_.proxies.back().get();
    proxy_->name = "b";
    proxy_->backend = true;
  }
  config::Server& line(const base::SockAddr& address) {
    auto& line = proxy_->servers.emplace_back(std::make_unique<config::Server>());
    line->name = "s" + std::to_string(proxy_->servers.size());
    line->address = address;
    line->check.enabled = true;
    line->check.inter = 20ms;
    line->check.rise = line->check.fall = 2;
    return *line;
  }
  void start() {
    objects_ = std::make_unique<server::Objects>(config_, 1000);
    supervisor_ = std::make_unique<server::Supervisor>(*objects_, heard_);
    scheduler_ = std::make_unique<Scheduler>(loop_, config_, *objects_, *supervisor_);
    scheduler_->start();
  }
  server::Server& server(size_t number) { return *objects_->backends()[0]->servers()[number - 1]; }
  bool checked(size_t number) { return server(number).health.last.status == CheckStatus::l4_ok; }
  // The server has been checked, and others are believed from now on; how often it was asked.
  size_t believe_after_a_check(Peer& peer, base::Millis inter) {
    proxy_->check.type = "httpchk";
    line(peer.address()).check.inter = inter;
    start();
    run_until([&] { return !peer.requests.empty() && server(1).health.last.status == CheckStatus::l7_ok; });
    scheduler_->believe(true);
    return peer.requests.size();
  }
  template <typename Condition>
  void run_until(Condition condition) {
    while (!condition()) loop_.run_once();
  }

  config::Config config_;
  config::Proxy* proxy_;
  base::Loop loop_;
  std::unique_ptr<server::Objects> objects_;
  Heard heard_;
  std::unique_ptr<server::Supervisor> supervisor_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, AServerGoesDownAndComesBack) {
  Peer peer(loop_);
  line(peer.address());
  start();
  run_until([&] { return server(1).health.health == 3; });
  EXPECT_TRUE(heard_.lines.empty());
  peer.stop_listening();
  run_until([&] { return !server(1).up(); });
  EXPECT_THAT(heard_.lines.at(0), HasSubstr("Server b/s1 is DOWN, reason: Layer4 connection problem, info: "
                                            "\"Connection refused\", check duration: 0ms. 0 active"));
  EXPECT_EQ(heard_.lines.at(1), "backend b has no server available!");
  peer.listen();
  run_until([&] { return server(1).up(); });
  EXPECT_THAT(heard_.lines.at(2), HasSubstr("Server b/s1 is UP, reason: Layer4 check passed"));
}

TEST_F(SchedulerTest, StartsAreSpreadOverTheInterval) {
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 4; ++i) {
    peers.push_back(std::make_unique<Peer>(loop_));
    line(peers.back()->address()).check.inter = 80ms;
  }
  start();
  base::MonoTime begin = base::mono_now();
  run_until([&] { return checked(4); });
  EXPECT_GE(base::mono_now() - begin, 59ms);
  EXPECT_TRUE(checked(1));
}

TEST_F(SchedulerTest, TheSpreadOfStartsHasALimit) {
  config_.global.max_spread_checks = 50ms;
  Peer peer(loop_);
  for (int i = 0; i < 2; ++i) line(peer.address()).check.inter = 60s;
  const base::MonoTime begin = base::mono_now();
  start();
  run_until([&] { return checked(1) && checked(2); });
  EXPECT_LT(base::mono_now() - begin, 10s);
}

TEST_F(SchedulerTest, MaintenancePausesAndReadyChecksAtOnce) {
  Peer peer(loop_);
  config::Server& line = this->line(peer.address());
  line.disabled = true;
  line.check.inter = line.check.downinter.emplace(3600s);
  start();
  for (int i = 0; i < 3; ++i) loop_.run_nowait();
  EXPECT_FALSE(checked(1));
  supervisor_->set_admin(server(1), server::kConfigMaintenance, base::mono_now());
  run_until([&] { return checked(1); });
}

TEST_F(SchedulerTest, PausedHealthChecks) {
  Peer peer(loop_), other(loop_);
  line(peer.address());
  line(other.address());
  start();
  server(1).health.paused = true;
  other.stop_listening();
  run_until([&] { return !server(2).up(); });
  EXPECT_FALSE(checked(1));
}

TEST_F(SchedulerTest, DrivesSlowstart) {
  Peer peer(loop_);
  line(peer.address()).slowstart = 300ms;
  start();
  run_until([&] { return server(1).health.health == 3; });
  peer.stop_listening();
  run_until([&] { return !server(1).up(); });
  peer.listen();
  run_until([&] { return server(1).up(); });
  EXPECT_EQ(server(1).ramp_percent(), 1u);
  run_until([&] { return server(1).ramp_percent() > 30; });
  run_until([&] { return server(1).operational() == server::Operational::running; });
  EXPECT_EQ(server(1).ramp_percent(), 100u);
}

TEST_F(SchedulerTest, StopEndsEverything) {
  Peer peer(loop_);
  line(peer.address());
  start();
  run_until([&] { return checked(1); });
  scheduler_->stop();
  peer.stop_listening();
  struct {
    void on_timer() { fired = true; }
    bool fired = false;
  } wait;
  base::Timer timer(loop_);
  timer.bind<&decltype(wait)::on_timer>(&wait);
  timer.start_after(100ms);
  run_until([&] { return wait.fired; });
  EXPECT_TRUE(server(1).up());
}

// --- another node checks, too

// A plain connect is ended before it is accepted: only who is asked can count.
constexpr const char* kWell = "HTTP/1.0 200 OK\r\n\r\n";

TEST_F(SchedulerTest, WhatAnotherNodeFoundStandsForOurOwnCheck) {
  Peer peer(loop_, kWell);
  proxy_->check.type = "httpchk";
  line(peer.address());
  start();
  run_until([&] { return !peer.requests.empty() && server(1).health.last.status == CheckStatus::l7_ok; });
  const size_t own = peer.requests.size();
  const auto tell = [&](CheckStatus status) { scheduler_->hear(server(1), report(status, "told")); };
  tell(CheckStatus::l4_ok);
  EXPECT_NE(server(1).health.last.status, CheckStatus::l4_ok) << "nobody said that we may believe";
  scheduler_->believe(true);
  // Told more often than is waited for: only every tenth check is our own.
  base::Timer tick(loop_);
  struct Told {
    base::Timer& tick;
    std::function<void()> say;
    int count = 0;
    void on_tick() {
      say();
      ++count;
      tick.start_after(10ms);
    }
  } told{tick, [&] { tell(CheckStatus::l4_ok); }};
  tick.bind<&Told::on_tick>(&told);
  tick.start_after(0ms);
  run_until([&] { return told.count >= 40; });
  EXPECT_EQ(server(1).health.last.status, CheckStatus::l4_ok);
  EXPECT_GE(peer.requests.size() - own, 1u);
  EXPECT_LE(peer.requests.size() - own, 5u) << "of 20 intervals";
  // Silence: our own checks go on.
  tick.stop();
  const size_t before = peer.requests.size();
  run_until([&] { return peer.requests.size() >= before + 3; });
  EXPECT_EQ(server(1).health.last.status, CheckStatus::l7_ok);
}

TEST_F(SchedulerTest, ABadResultOfAnotherNodeIsLookedInto) {
  Peer peer(loop_, kWell);
  const size_t own = believe_after_a_check(peer, 60s);
  scheduler_->hear(server(1), report(CheckStatus::l4_timeout));
  run_until([&] { return peer.requests.size() > own; });
  EXPECT_TRUE(server(1).up());
}

TEST_F(SchedulerTest, WhoMayBelieveNoMoreLooksForHimself) {
  Peer peer(loop_, kWell);
  const size_t own = believe_after_a_check(peer, 60s);
  scheduler_->believe(false);
  run_until([&] { return peer.requests.size() > own; });
}

}  // namespace
}  // namespace lbd::check
