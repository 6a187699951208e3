#include "lbd/config/config.h"

namespace lbd::config {

Proxy* Config::find_frontend(std::string_view name) const {
  for (const auto& proxy : proxies)
    if (proxy->frontend && proxy->name == name) return proxy.get();
  return nullptr;
}

Proxy* Config::find_backend(std::string_view name) const {
  for (const auto& proxy : proxies)
    if (proxy->backend && proxy->name == name) return proxy.get();
  return nullptr;
}

}  // namespace lbd::config
