// A backend with many servers and one of the indexes that algorithms use, for tests that compare what the index says
// with what asking all servers says.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "lbd/server/server.h"

namespace lbd::server {

template <typename Index>
struct Farm {
  explicit Farm(size_t servers, uint32_t maxconn = 0) {
    for (size_t i = 0; i < servers; ++i) backend.add_server(line(1 + i % 7, maxconn), 0);
    backend.keep_index(ServerIndex::make<Index>);
  }
  config::Server& line(uint32_t weight, uint32_t maxconn) {
    lines.push_back(std::make_unique<config::Server>());
    lines.back()->name = "s" + std::to_string(lines.size());
    lines.back()->weight = weight;
    lines.back()->maxconn = maxconn;
    return *lines.back();
  }
  Server& at(size_t place) { return *backend.servers()[place]; }
  const Index& index() { return static_cast<const Index&>(*backend.index()); }

  void add() {
    retired.push_back(backend.insert(std::make_shared<Server>(line(1, 0), backend, backend.next_index(), 0)));
  }
  void remove(size_t place) {
    at(place).set_admin(kForcedMaintenance);
    retired.push_back(backend.erase(at(place)));
  }
  // Something that may happen to one of them.
  void disturb(std::mt19937& random) {
    Server& server = at(random() % backend.servers().size());
    if (const uint32_t kind = random() % 100; kind == 0)
      server.set_admin(server.admin() ? 0 : kForcedMaintenance);
    else if (kind == 1)
      server.set_user_weight(random() % 257);
    else if (kind == 2)
      server.set_maxconn(random() % 6);
    else if (kind < 60 || server.served() == 0)
      server.take_slot();
    else
      server.give_slot();
  }
  void fill() {
    for (const auto& server : backend.servers()) {
      if (server->maxconn() == 0) server->set_maxconn(1);
      while (server->take_slot()) continue;
    }
  }
  // Four threads that take slots and give most of them back.
  void run_threads(uint32_t seed) {
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < 4; ++i)
      threads.emplace_back([this, seed, i] {
        std::mt19937 random(seed * 4 + i);
        for (int turn = 0; turn < 2000; ++turn) {
          Server& server = at(random() % backend.servers().size());
          if (server.take_slot() && random() % 4) server.give_slot();
        }
      });
    for (std::thread& thread : threads) thread.join();
  }

  std::vector<std::unique_ptr<config::Server>> lines;
  std::vector<std::unique_ptr<const Backend::Servers>> retired;
  config::Proxy proxy;
  Backend backend{proxy, 0};
};

}  // namespace lbd::server
