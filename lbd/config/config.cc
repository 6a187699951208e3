#include "lbd/config/config.h"

namespace lbd::config {
namespace {

// Before link() has made the index every section is looked at.
Proxy* find(const Config& config, const std::unordered_map<std::string_view, Proxy*>& index, bool Proxy::*side,
            std::string_view name) {
  if (!index.empty()) {
    auto it = index.find(name);
    return it == index.end() ? nullptr : it->second;
  }
  for (const auto& proxy : config.proxies)
    if (proxy.get()->*side && proxy->name == name) return proxy.get();
  return nullptr;
}

}  // namespace

Proxy* Config::find_frontend(std::string_view name) const {
  return find(*this, frontend_by_name, &Proxy::frontend, name);
}

Proxy* Config::find_backend(std::string_view name) const {
  return find(*this, backend_by_name, &Proxy::backend, name);
}

const StickTable* Config::find_table(std::string_view name) const {
  for (const StickTable* table : stick_tables)
    if (table->name == name) return table;
  return nullptr;
}

const Cache* Config::find_cache(std::string_view name) const {
  for (const auto& cache : caches)
    if (cache->name == name) return cache.get();
  return nullptr;
}

const Resolvers* Config::find_resolvers(std::string_view name) const {
  for (const Resolvers& section : resolvers)
    if (section.name == name) return &section;
  return nullptr;
}

}  // namespace lbd::config
