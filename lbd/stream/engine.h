// Engine: what all workers of a running lbd share, made before the first of them starts: the compiled sites, the
// runtime objects, and a few process-wide numbers.
//
// Life: from start to the end of the engine. Thread: immutable but for the atomics. A Site is a proxy section with
// everything compiled that traffic through it needs.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/shared_rate.h"
#include "lbd/balance/balancer.h"
#include "lbd/balance/cookie_persistence.h"
#include "lbd/cache/cache.h"
#include "lbd/compression/compressor.h"
#include "lbd/config/config.h"
#include "lbd/expr/pattern_files.h"
#include "lbd/expr/process.h"
#include "lbd/expr/vars.h"
#include "lbd/http/h1_writer.h"
#include "lbd/log/access.h"
#include "lbd/rules/ruleset.h"
#include "lbd/server/objects.h"
#include "lbd/stats/process.h"
#include "lbd/stats/statistics.h"
#include "lbd/stream/captured_errors.h"
#include "lbd/stream/observer.h"
#include "lbd/table/tables.h"
#include "lbd/tls/contexts.h"

namespace lbd::stream {

class Successor;
class Worker;

// Timeouts as durations, zero for none. `http_request` and `http_keep_alive` fall back as the manual says.
struct SiteTimeouts {
  base::Nanos client{0}, client_fin{0}, client_hs{0}, server{0}, server_fin{0}, connect{0}, tunnel{0}, http_request{0},
      http_keep_alive{0}, queue{0}, tarpit{0};
};

struct Site {
  const config::Proxy* proxy = nullptr;
  server::Frontend* frontend = nullptr;
  server::Backend* backend = nullptr;
  std::unique_ptr<rules::ProxyRules> rules;
  std::unique_ptr<balance::Balancer> balancer;
  std::unique_ptr<balance::CookiePersistence> cookie;  // null: none, or mode tcp
  std::unique_ptr<log::AccessLog> log;
  SiteTimeouts timeouts;
  const http::NameCase *client_names = nullptr, *server_names = nullptr;  // option h1-case-adjust-bogus-*
  base::RateLimit sessions;                                               // rate-limit sessions
};

class Engine {
 public:
  // Compiles every proxy; errors and warnings go to `diagnostics`, and with errors the result must not be run.
  Engine(const config::Config& config, uint32_t maxconn, uint32_t workers, cfg::Diagnostics& diagnostics);
  ~Engine();
  // Where the traffic of each frontend is logged; before workers start.
  void open_logs(const log::LogTargets& targets);

  const config::Config& config() const { return config_; }
  uint32_t worker_count() const { return worker_count_; }
  server::Objects& objects() { return objects_; }
  // Of a proxy, by its index.
  Site& site(size_t index) {
    return index < sites_.size() ? sites_[index] : *added_sites_[index - sites_.size()].load(std::memory_order_acquire);
  }
  std::deque<Site>& sites() { return sites_; }  // those of the configuration

  // Backends that come at run time and go, by the control thread. What a backend's proxy is to have as index; nothing:
  // there are too many. A site that goes must live until no worker can be looking at it.
  static constexpr size_t kMostAddedBackends = 4096;
  std::optional<size_t> free_place() const;
  base::Status add_site(server::Backend& backend);
  [[nodiscard]] std::unique_ptr<Site> remove_site(const server::Backend& backend);
  // Control thread: those too.
  template <typename Visit>
  void for_each_site(Visit visit) {
    for (Site& one : sites_) visit(one);
    for (const auto& one : added_sites_)
      if (Site* added = one.load(std::memory_order_relaxed)) visit(*added);
  }

  expr::PatternFiles patterns;  // maps and ACL files
  table::Tables tables;
  cache::Caches caches;
  tls::Contexts tls{&patterns.grace()};
  CapturedErrors captured_errors;
  Observer observer;
  const compression::Settings compression_settings;
  compression::Meter compression;
  stats::Statistics* statistics = nullptr;  // set before workers start
  std::vector<std::unique_ptr<Worker>> workers;
  std::atomic<uint32_t> connections{0};  // %ac
  std::atomic<uint32_t> maxconn;         // of the process
  uint64_t sockets = UINT32_MAX;         // descriptors for connections; set before workers are made
  stats::Rates rates;                    // maxconnrate, maxsessrate
  std::atomic<uint64_t> next_id{0};
  std::atomic<bool> stopping{false};  // soft stop: answers close the connection
  std::atomic<bool> leaving{false};   // likewise: the addresses are on another node
  // Who takes connections over while we drain; null: nobody. It stays until the workers have ended.
  std::atomic<Successor*> successor{nullptr};
  expr::Process facts;  // what fetches and log tags may know

 private:
  void compile(Site& site, cfg::Diagnostics& diagnostics);

  const config::Config& config_;
  server::Objects objects_;
  std::deque<Site> sites_;
  const uint32_t worker_count_;
  std::vector<std::atomic<Site*>> added_sites_{kMostAddedBackends};
  http::NameCase name_case_;
  expr::ProcessVars variables_;
};

}  // namespace lbd::stream
