#include "lbd/link/health.h"

#include <fmt/format.h>

namespace lbd::link {
namespace {

constexpr int kMostNames = 32;

// How much of what may serve this node has a way to, in thousandths. Every backend counts as much as any other, every
// server as its weight; what the operator took out does not count.
class Reach {
 public:
  explicit Reach(const check::Scheduler& checks) : checks_(checks) {}

  void add(const server::Backend& backend) {
    uint64_t all = 0, reached = 0;
    for (const auto& server : backend.servers()) {
      if (server->admin() & server::kMaintenance) continue;
      all += server->user_weight();
      if (server->up() && checks_.has_way_to(*server)) reached += server->user_weight();
    }
    if (all == 0) return;
    ++backends_;
    sum_ += kAll * reached / all;
  }
  uint32_t value() const { return static_cast<uint32_t>(backends_ == 0 ? kAll : sum_ / backends_); }

 private:
  static constexpr uint64_t kAll = 1000;
  const check::Scheduler& checks_;
  uint64_t backends_ = 0, sum_ = 0;
};

}  // namespace

tandem::ProxyHealth make_health(const HealthFacts& facts) {
  tandem::ProxyHealth health;
  uint32_t backends = 0, backends_up = 0, servers = 0, servers_up = 0, connections = 0;
  Reach reach(facts.checks);
  for (const auto& backend : facts.objects.backends()) {
    if (backend->servers().empty()) continue;
    ++backends;
    reach.add(*backend);
    if (backend->has_usable())
      ++backends_up;
    else if (health.backends_down_size() < kMostNames)
      health.add_backends_down(backend->name());
    for (const auto& server : backend->servers()) {
      ++servers;
      servers_up += server->up();
    }
  }
  for (const auto& frontend : facts.objects.frontends())
    connections += frontend->connections.load(std::memory_order_relaxed);
  for (size_t i = 0; i < facts.pulse.size(); ++i) {
    auto* worker = health.add_workers();
    worker->set_id(static_cast<uint32_t>(i));
    worker->set_turns(facts.pulse.turns(i));
    const Pulse::Stall stall = facts.pulse.stall(i, facts.now);
    worker->set_stalled_ms(static_cast<uint64_t>(base::to_millis(stall.lasts)));
    worker->set_starved(stall.starved);
  }
  health.set_serving(facts.serving);
  health.set_backends(backends);
  health.set_backends_up(backends_up);
  health.set_servers(servers);
  health.set_servers_up(servers_up);
  health.set_reach(reach.value());
  health.set_learning(facts.learning);
  health.set_certificates(facts.certificates);
  health.set_current_connections(connections);
  health.set_published(facts.published);
  return health;
}

tandem::StatsReply make_stats(const tandem::ProxyHealth& health, const tandem::Hello& hello) {
  tandem::StatsReply reply;
  auto text = [&](const char* name, const std::string& value) {
    auto* row = reply.add_rows();
    row->set_name(name);
    row->set_kind(tandem::StatsReply::STATE);
    row->set_text(value);
  };
  auto number = [&](const std::string& object, const char* name, uint64_t value) {
    auto* row = reply.add_rows();
    row->set_object(object);
    row->set_name(name);
    row->set_kind(tandem::StatsReply::GAUGE);
    row->set_value(value);
  };
  text("version", hello.version());
  text("state", health.serving() ? "serving" : "stopping");
  number("", "pid", hello.pid());
  number("", "current_connections", health.current_connections());
  number("", "backends", health.backends());
  number("", "backends_up", health.backends_up());
  number("", "servers", health.servers());
  number("", "servers_up", health.servers_up());
  number("", "reach", health.reach());
  for (const auto& worker : health.workers())
    number(fmt::format("worker {}", worker.id()), "stalled_ms", worker.stalled_ms());
  return reply;
}

}  // namespace lbd::link
