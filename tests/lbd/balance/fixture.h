// A backend with a few servers, a transaction and a waiter, for the tests of balancing.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "lbd/balance/balancer.h"

namespace lbd::balance {

struct Recorder : server::Waiter {
  using Waiter::Waiter;
  void granted(server::Server& server) override { got = &server; }
  void turned_away() override { away = true; }
  server::Server* got = nullptr;
  bool away = false;
};

class BalanceTest : public testing::Test {
 protected:
  static constexpr uint32_t kWorkers = 4;

  config::Server& add(uint32_t weight = 1) {
    auto& line = proxy_.servers.emplace_back(std::make_unique<config::Server>());
    line->name = std::to_string(proxy_.servers.size());
    line->weight = weight;
    return *line;
  }
  Balancer& start(const std::string& algorithm, std::vector<uint32_t> weights = {}) {
    for (uint32_t weight : weights) add(weight);
    proxy_.balance.algorithm = algorithm;
    backend_ = std::make_unique<server::Backend>(proxy_, 0);
    for (const auto& line : proxy_.servers) backend_->add_server(*line, 0);
    balancer_ = std::make_unique<Balancer>(*backend_, config_, kWorkers);
    return *balancer_;
  }
  server::Server& server(size_t number) { return *backend_->servers()[number - 1]; }
  Assignment assign(const Wish& wish = {}, uint32_t worker = 0) {
    return balancer_->assign(transaction_, waiter_, worker, wish);
  }
  // The names of the next `count` servers, each left at once.
  std::string run(size_t count, const Wish& wish = {}) {
    std::string names;
    for (size_t i = 0; i < count; ++i) {
      Assignment got = assign(wish, static_cast<uint32_t>(i % kWorkers));
      names += got.server ? got.server->name() : "-";
      if (got.server) got.server->give_slot();
    }
    return names;
  }
  // The same, but nobody leaves.
  std::string fill(size_t count) {
    std::string names;
    for (size_t i = 0; i < count; ++i) {
      Assignment got = assign();
      names += got.server ? got.server->name() : "-";
      if (got.outcome == Outcome::queued) {
        EXPECT_TRUE(waiter_.queued_in()->leave(waiter_));
      }
    }
    return names;
  }
  cfg::Diagnostics check(const std::string& algorithm, const std::vector<std::string>& arguments = {}) {
    proxy_.backend = true;
    proxy_.balance.algorithm = algorithm;
    proxy_.balance.arguments.clear();
    for (const std::string& argument : arguments) proxy_.balance.arguments.push_back({argument, {}});
    cfg::Diagnostics diagnostics;
    balance::check(config_, proxy_, diagnostics);
    return diagnostics;
  }

  config::Config config_;
  config::Proxy proxy_;
  std::unique_ptr<server::Backend> backend_;
  std::unique_ptr<Balancer> balancer_;
  base::BlockPool pool_{4096, 4};
  base::Arena arena_{pool_};
  expr::Session session_;
  expr::Transaction transaction_{session_, arena_};
  base::Loop loop_;
  base::Mailbox mailbox_{loop_};
  Recorder waiter_{mailbox_};
};

}  // namespace lbd::balance
