// Metric: one column of the statistics, described once: CSV name and position, Prometheus name, kind, for which
// objects it exists, where its figure comes from, what it means. CSV, the typed and JSON dumps, the page, Prometheus
// and SNMP are loops over the rows.
//
// Positions and names are those of `show stat` of HAProxy 2.6. An Object is what a line of the statistics is about.
// Thread: readers of state (status, weights, checks) run in the control thread; readers of counters anywhere.
// Errors: none; a figure that an object does not have is Value::nothing(). Manual: management.txt 9.1.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "base/time.h"
#include "lbd/config/config.h"
#include "lbd/server/server.h"
#include "lbd/stats/value.h"

namespace lbd::stats {

class Source;

// Numbered as the CSV's `type` column.
enum class Scope : uint8_t { frontend, backend, server, listener };

enum ScopeBit : uint8_t { kFrontend = 1, kBackend = 2, kServer = 4, kListener = 8 };

constexpr uint8_t bit_of(Scope scope) {
  return static_cast<uint8_t>(1u << static_cast<unsigned>(scope));
}

// The number of a server in its backend: that of its `id` word, or its place.
uint32_t id_of(const server::Server& server);

struct Object {
  Scope scope;
  const Source& source;
  const config::Proxy& proxy;
  const server::Frontend* frontend = nullptr;  // of a frontend or listener
  const server::Backend* backend = nullptr;    // of a backend or server
  const server::Server* server = nullptr;
  const server::Listener* listener = nullptr;
  uint32_t slot = 0;
  base::MonoTime now;

  bool http() const { return proxy.mode == config::Mode::http; }
  std::string_view name() const;  // FRONTEND, BACKEND, the server's or listener's
  uint32_t id() const;            // of a server or listener in its proxy; else 0
  uint64_t sum(server::Counter server::Counters::*counter) const;
  uint64_t highest(server::Counter server::Counters::*counter) const;
  uint64_t rate(server::RateCounter server::Counters::*counter) const;
};

struct Metric {
  std::string_view name = {};  // the CSV's
  std::string_view doc = {};
  int position = 0;  // of the column, from 0
  // As `show stat typed` writes it: origin (Metric, Status, Key, Config), nature (Name, Gauge, Limit, Max, Counter,
  // Rate, a for average, Age, Duration, Output), scope (Process, Service, Cluster).
  std::string_view tags = "MCP";
  std::string_view backend_tags = {};  // where they differ for a backend
  uint8_t scopes = 0;
  bool http_only = false;            // exists only in mode http
  bool legend = false;               // of the configuration: not for those who may only look at figures
  std::string_view prometheus = {};  // behind haproxy_<scope>_; empty: not exported
  Value (*read)(const Object& object) = nullptr;

  std::string_view tags_for(const Object& object) const {
    return object.scope == Scope::backend && !backend_tags.empty() ? backend_tags : tags;
  }
};

// The row's figure for the object, nothing() when the row is not for it.
Value read(const Metric& metric, const Object& object);

// All rows by position; null where a column has no row (never, a test sees to it).
const std::vector<const Metric*>& columns();

}  // namespace lbd::stats
