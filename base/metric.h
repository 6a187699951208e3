// Metric rows and counters: a number is described once, by a row, and read by every view of it (CSV, page, JSON,
// Prometheus, SNMP, protobuf) in a loop over the rows.
//
//   struct LinkCounters { base::Counter frames_in; … };
//   constexpr base::MetricRow<Link> kRows[] = {{.name = "frames_in", .doc = "Frames received.", …}};
//   const base::Registered<base::MetricRow<Link>> kEnrol(kRows);
//
// Thread: a Counter has one writing thread and any number of readers (relaxed: a reader sees each number whole, not
// several at one instant).
// Units: those of the row's `unit`; times in its text are those of the name's suffix.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace base {

enum class MetricKind : uint8_t {
  counter,  // only grows
  gauge,    // goes up and down
  maximum,  // highest value since start
  limit,    // a configured value
  state,    // an enumeration
};

// What a number belongs to. A row names all scopes that have it.
enum MetricScope : uint16_t {
  kScopeProcess = 1 << 0,
  kScopeListener = 1 << 1,
  kScopeFrontend = 1 << 2,
  kScopeBackend = 1 << 3,
  kScopeServer = 1 << 4,
  kScopeTable = 1 << 5,
  kScopeInstance = 1 << 6,  // VRRP
  kScopePeer = 1 << 7,      // replication and daemon links
};

template <typename Object>
struct MetricRow {
  std::string_view name;          // snake_case; the CSV name where there is one
  std::string_view doc;           // one sentence
  std::string_view prometheus{};  // without prefix; empty: `name`
  MetricKind kind = MetricKind::counter;
  uint16_t scopes = 0;
  uint16_t snmp_column = 0;  // 0: not in the MIB
  uint64_t (*read)(const Object&) = nullptr;
};

// One writer. Adding is a plain load, add and store: no locked instruction on the data path.
class Counter {
 public:
  void add(uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

}  // namespace base
