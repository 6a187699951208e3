// ProcessView: what `show info`, the page's head and the process metrics of Prometheus tell of the process as a
// whole, and InfoRow: one line of it.
//
// ProcessFacts is filled at start and holds what does not change; everything else is read when somebody asks.
// Thread: the control thread. Manual: management.txt 9.3 ("show info").
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>

#include "base/registry.h"
#include "base/shared_rate.h"
#include "lbd/compression/meter.h"
#include "lbd/stats/pair.h"
#include "lbd/stats/source.h"
#include "lbd/tls/meter.h"

namespace lbd::stats {

// Of connections and sessions of all workers: maxconnrate, maxsessrate.
struct Rates {
  base::RateLimit connections, sessions;
};

struct ProcessFacts {
  pid_t pid = 0;
  base::MonoTime started;
  base::WallTime started_wall;
  uint32_t threads = 1;
  uint32_t maxconn = 0, hard_maxconn = 0;
  uint64_t open_files = 0;  // ulimit -n
  uint64_t memory_limit_megabytes = 0;
  std::string node, description;
  std::atomic<bool> stopping{false};
  std::atomic<uint32_t> listeners{0};  // that accept
  uint64_t cli_sessions = 0;           // of the runtime sockets; they count as connection and as request
  uint64_t (*dropped_logs)() = nullptr;
  uint64_t inherited_dropped_logs = 0;  // by the processes before us
  uint64_t received_logs = 0;           // by log-forward sections
  // Configurations that were to follow this one and could not be used: of these the master tells, when there is one.
  struct FailedReloads {
    uint64_t count = 0;     // by the processes before us, too
    base::WallTime last{};  // of this process
    std::string why;        // likewise
  } failed_reloads;
  tls::Meter* tls = nullptr;                        // null: not told
  const Rates* rates = nullptr;                     // the same
  const compression::Meter* compression = nullptr;  // the same
};

// The share of time that the threads slept, sampled once a second from the CPU time of the process.
class IdleMeter {
 public:
  void tick(base::MonoTime now, uint32_t threads);
  uint32_t percent() const { return percent_; }

 private:
  base::MonoTime last_{};
  base::Nanos cpu_{0};
  uint32_t percent_ = 100;
};

class ServerAdmin;

struct ProcessView {
  const ProcessFacts& facts;
  const Source& source;
  const IdleMeter& idle;
  const Pair& pair;
  base::MonoTime now;
  ServerAdmin* admin = nullptr;  // null: the page changes nothing

  // Over all frontends.
  uint64_t sum(server::Counter server::Counters::*counter) const;
  uint64_t rate(server::RateCounter server::Counters::*counter) const;
  uint64_t connections() const;
};

struct InfoRow {
  std::string_view name = {};
  std::string_view doc = {};
  int position = 0;
  std::string_view tags = "MGP";
  std::string_view prometheus = {};  // behind haproxy_process_
  Value (*read)(const ProcessView& process) = nullptr;
};

// The row's figure with its fraction, as `show info float` tells it.
Value read_exactly(const InfoRow& row, const ProcessView& process);

// By position.
const std::vector<const InfoRow*>& info_rows();

}  // namespace lbd::stats
