#include "lbd/server/objects.h"

#include <algorithm>
#include <set>

namespace lbd::server {
namespace {

// The sum of maxconn of the frontends that may branch to each backend.
std::unordered_map<std::string_view, uint64_t> load_by_backend(const config::Config& config, uint32_t process_maxconn) {
  std::unordered_map<std::string_view, uint64_t> load;
  for (const auto& proxy : config.proxies) {
    if (!proxy->frontend) continue;
    std::set<std::string_view> targets;
    if (!proxy->default_backend_name.empty()) targets.insert(proxy->default_backend_name);
    if (proxy->backend) targets.insert(proxy->name);
    for (const config::RuleLine& rule : proxy->rules)
      if (rule.statement[0] == "use_backend") targets.insert(rule.statement[1]);
    for (std::string_view target : targets) load[target] += proxy->maxconn ? proxy->maxconn : process_maxconn;
  }
  return load;
}

}  // namespace

Objects::Objects(const config::Config& config, uint32_t process_maxconn) {
  auto load = load_by_backend(config, process_maxconn);
  for (const auto& proxy : config.proxies) {
    if (proxy->is_defaults) continue;
    if (proxy->frontend) {
      frontends_.push_back(std::make_unique<Frontend>(*proxy, slots_++));
      if (proxy->has(config::Option::socket_stats))
        for (const auto& listener : frontends_.back()->listeners()) listener->slot = slots_++;
      frontend_of_[proxy.get()] = frontend_named_[proxy->name] = frontends_.back().get();
    }
    if (proxy->backend) {
      auto fullconn = static_cast<uint32_t>((load[proxy->name] + 9) / 10);
      backends_.push_back(std::make_unique<Backend>(*proxy, slots_++, fullconn));
      Backend* backend = backends_.back().get();
      backend_of_[proxy.get()] = backend_named_[proxy->name] = backend;
      for (const auto& server : proxy->servers) backend->add_server(*server, slots_++);
      if (proxy->direct) backend->make_direct(*proxy->direct, slots_++);
    }
  }
  slots_at_start_ = slots_;
}

std::optional<uint32_t> Objects::take_slot() {
  if (!free_slots_.empty()) {
    const uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    return slot;
  }
  if (slots_ >= most_slots()) return std::nullopt;
  return slots_++;
}

Backend& Objects::add_backend(const config::Proxy& proxy, uint32_t slot) {
  backends_.push_back(std::make_unique<Backend>(proxy, slot));
  Backend& backend = *backends_.back();
  backend_of_[&proxy] = backend_named_[proxy.name] = &backend;
  added_proxies_.push_back(&proxy);
  return backend;
}

std::unique_ptr<Backend> Objects::remove_backend(const Backend& backend) {
  const config::Proxy& proxy = backend.config();
  backend_of_.erase(&proxy);
  backend_named_.erase(proxy.name);
  std::erase(added_proxies_, &proxy);
  const auto place =
      std::find_if(backends_.begin(), backends_.end(), [&](const auto& one) { return one.get() == &backend; });
  std::unique_ptr<Backend> removed = std::move(*place);
  backends_.erase(place);
  return removed;
}

namespace {
template <typename Map, typename Key>
auto find_or_null(const Map& map, const Key& key) -> typename Map::mapped_type {
  auto it = map.find(key);
  return it == map.end() ? nullptr : it->second;
}
}  // namespace

Frontend* Objects::frontend(const config::Proxy* proxy) const {
  return find_or_null(frontend_of_, proxy);
}
Backend* Objects::backend(const config::Proxy* proxy) const {
  return find_or_null(backend_of_, proxy);
}
Frontend* Objects::find_frontend(std::string_view name) const {
  return find_or_null(frontend_named_, name);
}
Backend* Objects::find_backend(std::string_view name) const {
  return find_or_null(backend_named_, name);
}

}  // namespace lbd::server
