// Running objects behind the runtime API, for its tests: a frontend `fe` and a backend `web` with two servers.
#pragma once

#include <fmt/ranges.h>

#include "lbd/cli/command.h"
#include "lbd/cli/framing.h"

namespace lbd::cli {

// What the supervisor says.
struct HeardEvents final : server::EventSink {
  void event(const server::Backend&, base::Level, const std::string& text) override { lines.push_back(text); }
  void shutdown_sessions(server::Server&) override {}
  std::vector<std::string> lines;
};

struct FakeHost final : Host {
  void limits_raised() override { ++raised; }
  base::Status hand_over_listeners(int) override { return base::Err("nothing to hand over"); }
  base::Status bequeath(int) override { return base::Err("nothing to bequeath"); }
  void admission_changed(server::Frontend& frontend) override {
    admitted = fmt::format("{} {}", frontend.name(), static_cast<int>(frontend.admission.load()));
  }
  void shutdown_sessions(server::Server& server) override { ended = server.name(); }
  void clear_counters(bool all) override { cleared = all ? "all" : "maxima"; }
  base::Result<std::string> add_server(server::Backend& backend, const std::string& name,
                                       std::span<const std::string> words) override {
    added = fmt::format("{}/{} {}", backend.name(), name, fmt::join(words, " "));
    return std::string();
  }
  void remove_server(server::Server& server, std::function<void(base::Status)> done) override {
    removed = server.name();
    leave = std::move(done);
  }
  base::Status add_backend(const config::AddedBackendLine& line) override {
    added = fmt::format("{} from {} mode {} guid {}", line.name, line.defaults, line.mode, line.guid);
    return {};
  }
  void remove_backend(server::Backend& backend, std::function<void(base::Status)> done) override {
    removed = backend.name();
    leave = std::move(done);
  }
  std::string explain(std::string_view question) override { return "asked: " + std::string(question) + "\n"; }
  int raised = 0;
  std::string cleared, admitted, ended, added, removed;
  std::function<void(base::Status)> leave;
};

struct CliFixture {
  config::Config config;
  std::unique_ptr<server::Objects> objects;
  server::Operator operator_;
  HeardEvents heard;
  std::unique_ptr<table::Tables> tables;
  std::unique_ptr<cache::Caches> caches;
  expr::PatternFiles patterns;
  FakeHost host;
  std::unique_ptr<server::Supervisor> supervisor;
  std::unique_ptr<stats::Statistics> statistics;
  std::unique_ptr<Services> services;
  SessionState session{.level = Level::admin};

  CliFixture() {
    config::Proxy& fe = add_proxy("fe", 2);
    fe.frontend = true;
    config::Proxy& web = add_proxy("web", 3);
    web.backend = true;
    for (const char* name : {"s1", "s2"}) {
      web.servers.push_back(std::make_unique<config::Server>());
      web.servers.back()->name = name;
      web.servers.back()->weight = 10;
      web.servers.back()->address = base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 8081});
    }
    config.environment.set("NODE", "lb1");
    objects = std::make_unique<server::Objects>(config, 1000);
    tables = std::make_unique<table::Tables>(config);
    caches = std::make_unique<cache::Caches>(config);
    supervisor = std::make_unique<server::Supervisor>(*objects, heard);
    operator_.set_supervisor(supervisor.get());
    statistics = std::make_unique<stats::Statistics>(config, *objects, 2);
    services.reset(new Services{config, *objects, operator_, *supervisor, *statistics, *tables, *caches, host, {}});
    services->patterns = &patterns;
    services->sockets.push_back({"unix@/run/x.sock", Level::admin});
  }
  config::Proxy& add_proxy(std::string name, uint32_t id) {
    config.proxies.push_back(std::make_unique<config::Proxy>());
    config.proxies.back()->name = std::move(name);
    config.proxies.back()->id = id;
    config.proxies.back()->mode = config::Mode::http;
    return *config.proxies.back();
  }
  std::string run(const std::string& line) {
    Invocation invocation{*services, session, split_commands(line)[0].words, {}, {}, 0};
    execute(invocation);
    while (invocation.more && invocation.more(invocation.answer) == More::there_is) {
    }
    return invocation.answer;
  }
};

}  // namespace lbd::cli
