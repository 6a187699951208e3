#include "lbd/balance/roundrobin.h"

#include "lbd/balance/schedule.h"
#include "lbd/balance/weight_map.h"

namespace lbd::balance {

RoundRobin::Cycle::Cycle(const server::Backend& backend, const Cycle* before, Order how) {
  const server::Backend::Servers& servers = backend.servers();
  std::vector<uint32_t> weights;
  bool by_map = how == Order::map;
  for (const auto& server : servers)
    weights.push_back(!server->in_rotation() ? 0 : by_map ? server->config().weight : server->weight());
  for (uint32_t at : by_map ? weight_map(weights) : smooth_order(weights)) {
    order.push_back(servers[at].get());
    indexes.push_back(servers[at]->index());
  }
  if (!before || before->order.empty() || before->next.load(std::memory_order_relaxed) == 0 || order.empty()) return;
  // Go on behind the one that was served last: the first that follows it in the order of declaration.
  uint64_t turns = before->next.load(std::memory_order_relaxed);
  uint32_t last = before->indexes[(turns - 1) % before->order.size()];
  for (size_t i = 0; i < order.size(); ++i)
    if (indexes[i] > last) {
      next.store(i, std::memory_order_relaxed);
      return;
    }
}

server::Server* RoundRobin::take(const Request& request) {
  Cycle& cycle = cycles_.get(request.worker);
  const size_t length = cycle.order.size();
  if (length == 0) return nullptr;
  for (size_t tries = std::min(length, 2 * backend_.servers().size()); tries > 0; --tries) {
    server::Server& server = *cycle.order[cycle.next.fetch_add(1, std::memory_order_relaxed) % length];
    if (&server != request.avoid && eligible(server) && server.has_room() && server.take_slot()) return &server;
  }
  return take_first(backend_.servers(), request);  // nearly all are full
}

namespace {

template <RoundRobin::Order order>
std::unique_ptr<Algorithm> make(const server::Backend& backend, const Setting& setting) {
  return std::make_unique<RoundRobin>(backend, setting.workers, order);
}

constexpr AlgorithmRow kRows[] = {
    {.name = "roundrobin",
     .doc = "each server in turn, according to weights that may change at run time",
     .check = check_no_arguments,
     .make = make<RoundRobin::Order::smooth>},
    {.name = "static-rr",
     .doc = "each server in turn, according to the weights of the configuration",
     .check = check_no_arguments,
     .make = make<RoundRobin::Order::map>,
     .takes_servers = [](const config::Proxy&) { return false; }},
};
const base::Registered<AlgorithmRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::balance
