#include "lbd/balance/balancer.h"

#include <fmt/format.h>

#include "cfg/suggest.h"

namespace lbd::balance {

Balancer::Balancer(server::Backend& backend, const config::Config& config, uint32_t workers, expr::PatternFiles* files)
    : backend_(backend) {
  const AlgorithmRow* row = Algorithms::find(split_algorithm(backend.config().balance.algorithm).name);
  CHECK(row);
  if (row->index) backend.keep_index(row->index);
  algorithm_ = row->make(backend, {config, workers, files});
}

// To this server or into its queue; false when neither may be.
bool Balancer::assign_to(server::Server& server, const Wish& wish, server::Waiter& waiter, Assignment& result) {
  if (!server.up() && !wish.even_if_down) return false;
  if (server.has_room() && server.take_slot()) {
    result = {Outcome::assigned, &server};
    return true;
  }
  uint32_t most = server.config().maxqueue;
  if (most > 0 && server.queue().size() >= most) return false;
  server.queue().push(waiter);
  server.fill();
  // It went down meanwhile, and those in its queue may have been turned away before we came.
  if (!server.up() && server.queue().leave(waiter)) return false;
  result = {Outcome::queued, nullptr};
  return true;
}

Assignment Balancer::assign(expr::Transaction& transaction, server::Waiter& waiter, uint32_t worker, const Wish& wish) {
  Assignment result;
  if (wish.server && wish.server != wish.avoid && assign_to(*wish.server, wish, waiter, result)) return result;
  if (!backend_.has_usable()) return {};

  const Request request{transaction, worker, wish.avoid};
  if (server::Server* home = algorithm_->home(request)) {
    if (assign_to(*home, {}, waiter, result)) return result;
  } else if (backend_.queue().size() == 0) {  // otherwise all are full, and others came first
    if (server::Server* server = algorithm_->take(request)) return {Outcome::assigned, server};
  }

  uint32_t before = backend_.queue().push(waiter);
  // Slots that became free before we queued are ours to find. Later ones find us.
  if (before == 0 || backend_.has_dynamic_limits()) backend_.fill();
  if (!backend_.has_usable() && backend_.queue().leave(waiter)) return {};
  return {Outcome::queued, nullptr};
}

Balancers::Balancers(const server::Objects& objects, const config::Config& config, uint32_t workers)
    : by_slot_(objects.slots()) {
  for (const auto& backend : objects.backends())
    by_slot_[backend->slot()] = std::make_unique<Balancer>(*backend, config, workers);
}

bool takes_servers(const config::Proxy& proxy) {
  if (proxy.direct) return false;
  const AlgorithmRow* row = Algorithms::find(split_algorithm(proxy.balance.algorithm).name);
  return row && (!row->takes_servers || row->takes_servers(proxy));
}

void check(const config::Config& config, const config::Proxy& proxy, cfg::Diagnostics& diagnostics) {
  if (!proxy.backend) return;
  std::string_view name = split_algorithm(proxy.balance.algorithm).name;
  if (const AlgorithmRow* row = Algorithms::find(name)) {
    row->check(config, proxy, diagnostics);
    return;
  }
  std::vector<std::string_view> known;
  Algorithms::for_each([&](const AlgorithmRow& row) { known.push_back(row.name); });
  diagnostics.error(proxy.balance.location, fmt::format("unknown balancing algorithm '{}'", name),
                    cfg::did_you_mean(name, known));
}

}  // namespace lbd::balance
