// Checks of names and numbers: nothing may be there twice, and what is named must be there.
#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <vector>

#include "base/registry.h"
#include "lbd/config/check.h"

namespace lbd::config {
namespace {

std::string place(const cfg::Location& where) {
  return fmt::format("{}:{}", where.file(), where.line);
}

void proxy_names(const Config& config, cfg::Diagnostics& diagnostics) {
  std::unordered_map<std::string_view, std::vector<const Proxy*>> seen;
  for (const auto& proxy : config.proxies) {
    auto& same = seen[proxy->name];
    for (const Proxy* earlier : same) {
      if (!((proxy->frontend && earlier->frontend) || (proxy->backend && earlier->backend))) continue;
      diagnostics.error(proxy->location,
                        fmt::format("{} '{}' has the same name as {} '{}' at {}", proxy->kind(), proxy->name,
                                    earlier->kind(), earlier->name, place(earlier->location)));
      break;
    }
    same.push_back(proxy.get());
  }
}

void proxy_ids(const Config& config, cfg::Diagnostics& diagnostics) {
  std::map<uint32_t, const Proxy*> seen;
  for (const auto& proxy : config.proxies) {
    auto [it, fresh] = seen.emplace(proxy->id, proxy.get());
    if (!fresh && proxy->id != 0)
      diagnostics.error(proxy->location,
                        fmt::format("{} '{}' has the same id {} as {} '{}' at {}", proxy->kind(), proxy->name,
                                    proxy->id, it->second->kind(), it->second->name, place(it->second->location)));
  }
}

void servers(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies) {
    std::map<std::string_view, const Server*> names;
    std::map<uint32_t, const Server*> ids;
    for (const auto& server : proxy->servers) {
      auto [named, fresh_name] = names.emplace(server->name, server.get());
      if (!fresh_name)
        diagnostics.error(server->location, fmt::format("{} '{}': another server named '{}' is at {}", proxy->kind(),
                                                        proxy->name, server->name, place(named->second->location)));
      auto [numbered, fresh_id] = ids.emplace(server->id, server.get());
      if (!fresh_id && server->id != 0)
        diagnostics.error(server->location,
                          fmt::format("server '{}/{}': the id {} is used by '{}' at {}", proxy->name, server->name,
                                      server->id, numbered->second->name, place(numbered->second->location)));
    }
  }
}

void binds(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies) {
    std::map<uint32_t, const Bind*> ids;
    for (const auto& bind : proxy->binds) {
      if (bind->id != 0 && bind->addresses.size() > 1)
        diagnostics.error(bind->location, fmt::format("{} '{}': the id {} is for {} addresses, and can be that of one",
                                                      proxy->kind(), proxy->name, bind->id, bind->addresses.size()));
      auto [numbered, fresh] = ids.emplace(bind->id, bind.get());
      if (!fresh && bind->id != 0)
        diagnostics.error(bind->location, fmt::format("{} '{}': the id {} is used by the 'bind' at {}", proxy->kind(),
                                                      proxy->name, bind->id, place(numbered->second->location)));
    }
  }
}

// [BACKEND/]SERVER
void tracking(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies)
    for (const auto& server : proxy->servers) {
      if (server->track.empty()) continue;
      const size_t slash = server->track.find('/');
      const std::string name = slash == std::string::npos ? server->track : server->track.substr(slash + 1);
      const Proxy* other = proxy.get();
      if (slash != std::string::npos) other = config.find_backend(server->track.substr(0, slash));
      const Server* found = nullptr;
      if (other)
        for (const auto& each : other->servers)
          if (each->name == name) found = each.get();
      const std::string who = fmt::format("server '{}/{}'", proxy->name, server->name);
      if (!other)
        diagnostics.error(server->location, fmt::format("{}: unable to find the backend '{}' for tracking", who,
                                                        server->track.substr(0, slash)));
      else if (!found)
        diagnostics.error(server->location, fmt::format("{}: unable to find the server '{}' for tracking", who, name));
      else if (found == server.get())
        diagnostics.error(server->location, fmt::format("{} cannot track itself", who));
      else if (server->check.enabled)
        diagnostics.error(server->location, fmt::format("{} cannot have 'check' and 'track'", who));
      else if (!found->check.enabled && found->track.empty() && !found->agent_check)
        diagnostics.error(server->location,
                          fmt::format("{} cannot track '{}', which is not checked", who, server->track));
    }
}

void resolvers(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies)
    for (const auto& server : proxy->servers) {
      if (server->resolvers.empty() || config.find_resolvers(server->resolvers)) continue;
      diagnostics.error(server->location, fmt::format("server '{}/{}': unable to find the resolvers '{}'", proxy->name,
                                                      server->name, server->resolvers));
    }
}

void caches(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies)
    for (const cfg::Word& name : proxy->cache_filters)
      if (!config.find_cache(name.text)) diagnostics.error(name.loc, fmt::format("there is no cache '{}'", name.text));
}

constexpr CheckRow kRows[] = {
    {"names: binds", "Sockets of a section have different ids.", binds},
    {"names: caches", "Named caches are there.", caches},
    {"names: proxies", "Sections of one side have different names.", proxy_names},
    {"names: proxy ids", "Sections have different ids.", proxy_ids},
    {"names: servers", "Servers of a section have different names and ids.", servers},
    {"names: tracking", "Tracked servers are there.", tracking},
    {"names: resolvers", "Named resolvers are there.", resolvers},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
