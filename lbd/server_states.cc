#include "lbd/server_states.h"

#include <fmt/format.h>

#include <cstring>

#include "base/fd.h"
#include "base/log.h"

namespace lbd {
namespace {

std::string path_of(const config::Config& config, const std::string& name) {
  const std::string& base = config.global.server_state_base;
  if (name.starts_with('/') || base.empty()) return name;
  return base.ends_with('/') ? base + name : fmt::format("{}/{}", base, name);
}

bool wants_states(const config::Proxy& proxy) {
  return proxy.backend && !proxy.disabled &&
         (proxy.load_server_state == "global" || proxy.load_server_state == "local");
}

}  // namespace

void ServerStates::read(const config::Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies) {
    if (!wants_states(*proxy)) continue;
    const bool global = proxy->load_server_state == "global";
    if (global && config.global.server_state_file.empty()) {
      diagnostics.warning({},
                          fmt::format("{} '{}' configured to load server state file from global section "
                                      "'server-state-file' directive. Unfortunately, 'server-state-file' is not set!",
                                      proxy->kind(), proxy->name));
      continue;
    }
    const std::string& own = proxy->server_state_file_name;
    const std::string path = path_of(config, global        ? config.global.server_state_file
                                             : own.empty() ? proxy->name
                                                           : own);
    auto [file, is_new] = files_.try_emplace(path);
    file_of_[proxy.get()] = &file->second;
    if (!is_new) continue;
    const std::string who = global ? "config: " : fmt::format("Proxy '{}': ", proxy->name);
    const std::string what = fmt::format("{}server state file '{}'", global ? "global " : "", path);
    const std::string_view end = global ? "" : ".";
    const auto text = base::read_file(path);
    if (!text) {
      diagnostics.warning({}, fmt::format("{}Can't open {}: {}{}", who, what, std::strerror(errno), end));
      continue;
    }
    using Kind = server::StateFile::Problem::Kind;
    const server::StateFile::Problem problem = file->second.parse(*text);
    if (problem.kind == Kind::version)
      diagnostics.warning({}, fmt::format("{}Can't get version of the {}.", who, what));
    else if (problem.kind == Kind::corrupt)
      diagnostics.warning({}, fmt::format("{}corrupted {} at line {}.", who, what, problem.line));
  }
}

const server::StateFile::Fields* ServerStates::find(const config::Proxy& proxy, const std::string& server) const {
  const auto file = file_of_.find(&proxy);
  return file == file_of_.end() ? nullptr : file->second->find(proxy.name, server);
}

void ServerStates::apply(const server::Objects& objects, server::Supervisor& supervisor) const {
  for (const auto& backend : objects.backends())
    for (const auto& server : backend->servers()) {
      const server::StateFile::Fields* fields = find(backend->config(), server->name());
      if (!fields) continue;
      if (auto saved = server::interpret(*fields))
        supervisor.restore(*server, *saved, base::mono_now());
      else
        base::log(base::Level::warning, "server-state application failed for server '{}/{}', {}", backend->name(),
                  server->name(), saved.error().text);
    }
}

}  // namespace lbd
