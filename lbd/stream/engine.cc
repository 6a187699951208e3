#include "lbd/stream/engine.h"

#include <fmt/format.h>
#include <unistd.h>

#include "lbd/config/check.h"
#include "lbd/expr/process_variable.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {
namespace {

base::Nanos or_zero(const std::optional<base::Millis>& timeout) {
  return timeout.value_or(base::Millis(0));
}

SiteTimeouts timeouts_of(const config::Timeouts& from) {
  SiteTimeouts to;
  to.client = or_zero(from.client);
  to.client_fin = or_zero(from.client_fin);
  to.client_hs = or_zero(from.client_handshake);
  to.server = or_zero(from.server);
  to.server_fin = or_zero(from.server_fin);
  to.connect = or_zero(from.connect);
  to.tunnel = or_zero(from.tunnel);
  to.http_request = from.http_request ? *from.http_request : or_zero(from.client);
  to.http_keep_alive = from.http_keep_alive ? *from.http_keep_alive : to.http_request;
  to.queue = from.queue ? *from.queue : or_zero(from.connect);
  to.tarpit = from.tarpit ? *from.tarpit : or_zero(from.connect);
  return to;
}

}  // namespace

Engine::Engine(const config::Config& config, uint32_t maximum, uint32_t worker_count, cfg::Diagnostics& diagnostics)
    : tables(config),
      caches(config),
      compression_settings{.level = static_cast<int>(config.global.tune.comp_maxlevel),
                           .memory_level = static_cast<int>(config.global.tune.zlib_memlevel),
                           .window_bits = static_cast<int>(config.global.tune.zlib_windowsize)},
      compression({.kilobytes_a_second = config.global.compression_rate,
                   .memory = uint64_t{config.global.compression_memory} << 20,
                   .cpu_percent = config.global.compression_cpu,
                   .threads = worker_count}),
      maxconn(maximum),
      config_(config),
      objects_(config, maximum),
      worker_count_(worker_count),
      name_case_(config.global.h1_case_adjust) {
  facts.vars = &variables_;
  facts.patterns = &patterns;
  facts.tables = &tables;
  facts.caches = &caches;
  facts.config = &config;
  facts.started = base::mono_now();
  facts.connections = &connections;
  facts.stopping = &stopping;
  facts.pid = ::getpid();
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  facts.hostname = name;
  rates.connections.most = config.global.maxconnrate;
  rates.sessions.most = config.global.maxsessrate;
  for (const auto& proxy : config.proxies) {
    Site& site = sites_.emplace_back();
    site.proxy = proxy.get();
    site.frontend = objects_.frontend(proxy.get());
    site.backend = objects_.backend(proxy.get());
    facts.frontends.push_back(site.frontend);
    facts.backends.push_back(site.backend);
    compile(site, diagnostics);
  }
  for (const cfg::Statement& line : config.global.variables) {
    if (line.size() != 3) {
      diagnostics.error(line.at(1), fmt::format("'{}' is followed by a name and one word", line[0]),
                        "set-var proc.limit int(10)");
      continue;
    }
    const base::Status done =
        expr::set_process_variable(facts, line[1], line[2], line[0] == "set-var-fmt", expr::phase::kConfig);
    if (!done) diagnostics.error(line.at(2), done.error().text);
  }
  patterns.finish(diagnostics);
  tls.load(config, worker_count, diagnostics);
}

Engine::~Engine() {
  for (const auto& one : added_sites_) delete one.load();
  delete facts.added_backends.load();
}

void Engine::compile(Site& site, cfg::Diagnostics& diagnostics) {
  const config::Proxy& proxy = *site.proxy;
  site.rules = rules::compile(proxy, config_, diagnostics, &patterns);
  if (site.backend) {
    balance::check(config_, proxy, diagnostics);
    if (!diagnostics.has_errors())
      site.balancer = std::make_unique<balance::Balancer>(*site.backend, config_, worker_count_, &patterns);
    if (proxy.cookie && proxy.mode == config::Mode::http)
      site.cookie = std::make_unique<balance::CookiePersistence>(*site.backend);
  }
  site.timeouts = timeouts_of(proxy.timeouts);
  site.sessions.most = proxy.rate_limit_sessions;
  if (proxy.has(config::Option::h1_case_adjust_client)) site.client_names = &name_case_;
  if (proxy.has(config::Option::h1_case_adjust_server)) site.server_names = &name_case_;
}

std::optional<size_t> Engine::free_place() const {
  for (size_t i = 0; i < added_sites_.size(); ++i)
    if (!added_sites_[i].load(std::memory_order_relaxed)) return sites_.size() + i;
  return std::nullopt;
}

base::Status Engine::add_site(server::Backend& backend) {
  auto site = std::make_unique<Site>();
  site->proxy = &backend.config();
  site->backend = &backend;
  cfg::Diagnostics diagnostics;
  compile(*site, diagnostics);
  if (const cfg::Diagnostic* error = config::first_error(diagnostics)) return base::Err(error->text);
  site->log = std::make_unique<log::AccessLog>(*site->proxy, log::TargetList(), log::AccessFormats{});
  added_sites_[backend.config().index - sites_.size()].store(site.release(), std::memory_order_release);
  return {};
}

std::unique_ptr<Site> Engine::remove_site(const server::Backend& backend) {
  return std::unique_ptr<Site>(added_sites_[backend.config().index - sites_.size()].exchange(nullptr));
}

void Engine::open_logs(const log::LogTargets& targets) {
  for (Site& site : sites_) {
    log::AccessFormats formats{&site.rules->log_format, &site.rules->log_format_sd, &site.rules->error_log_format};
    site.log = std::make_unique<log::AccessLog>(*site.proxy, targets.of(*site.proxy), formats);
  }
}

}  // namespace lbd::stream
