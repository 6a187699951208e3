// A small configuration with running objects and two workers' counters, for the tests of the statistics.
#pragma once

#include <memory>

#include "lbd/stats/pair.h"
#include "lbd/stats/source.h"

namespace lbd::stats {

struct StatsFixture {
  config::Config config;
  std::unique_ptr<server::Objects> objects;
  std::unique_ptr<CounterBlocks> blocks;
  std::unique_ptr<History> history;
  std::unique_ptr<Source> source;
  Pair pair;
  base::MonoTime start{std::chrono::seconds(1000)};

  config::Proxy& proxy(std::string name, bool frontend, bool backend, config::Mode mode = config::Mode::http) {
    config.proxies.push_back(std::make_unique<config::Proxy>());
    config::Proxy& made = *config.proxies.back();
    made.name = std::move(name);
    made.id = static_cast<uint32_t>(config.proxies.size() + 1);
    made.frontend = frontend;
    made.backend = backend;
    made.mode = mode;
    made.maxconn = 100;
    return made;
  }
  config::Server& server(config::Proxy& to, std::string name, uint16_t port) {
    to.servers.push_back(std::make_unique<config::Server>());
    config::Server& made = *to.servers.back();
    made.name = std::move(name);
    made.address = base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), port});
    return made;
  }
  void run() {
    objects = std::make_unique<server::Objects>(config, 1000);
    blocks = std::make_unique<CounterBlocks>(2, objects->slots(), objects->most_slots());
    history = std::make_unique<History>(*blocks);
    source = std::make_unique<Source>(config, *objects, *blocks, *history, start);
  }
};

}  // namespace lbd::stats
