#include "lbd/stats/process.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "base/fd.h"
#include "base/version.h"

namespace lbd::stats {

using server::Counters;

namespace {

// Memory that the process holds, in bytes.
uint64_t resident_bytes() {
  auto content = base::read_file("/proc/self/statm", 256);
  if (!content) return 0;
  uint64_t total = 0, resident = 0;
  if (std::sscanf(content->c_str(), "%lu %lu", &total, &resident) != 2) return 0;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

base::Seconds uptime(const ProcessView& process) {
  return std::chrono::duration_cast<base::Seconds>(process.now - process.facts.started);
}

std::string uptime_text(const ProcessView& process) {
  auto seconds = uptime(process).count();
  return fmt::format("{}d {}h{:02}m{:02}s", seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

std::string version_text() {
  return fmt::format("{}-tandem-{}", base::kHaproxyVersion, base::kVersion);
}

Value none(const ProcessView&) {
  return Value::u32(0);
}
Value none64(const ProcessView&) {
  return Value::u64(0);
}

template <uint64_t (*Highest)(const History::Rates&)>
Value highest_rate(const ProcessView& process) {
  uint64_t most = 0;
  for (const auto& frontend : process.source.objects().frontends())
    most = std::max(most, Highest(process.source.history().rates(frontend->slot(), process.now)));
  return Value::u32(most);
}

// Without TLS nothing counts.
uint64_t of_tls(const ProcessView& p, std::atomic<uint64_t> tls::Meter::*member) {
  return p.facts.tls ? (p.facts.tls->*member).load(std::memory_order_relaxed) : 0;
}

template <base::SharedRate tls::Meter::*Rate>
Value tls_rate(const ProcessView& p) {
  return Value::u32(p.facts.tls ? (p.facts.tls->*Rate).rate(p.now) : 0);
}

template <base::SharedRate tls::Meter::*Rate>
Value tls_peak(const ProcessView& p) {
  return Value::u32(p.facts.tls ? (p.facts.tls->*Rate).peak() : 0);
}

constexpr InfoRow kRows[] = {
    {.name = "Name",
     .doc = "Product name",
     .position = 0,
     .tags = "POS",
     .read = [](const ProcessView&) { return Value::of("HAProxy"); }},
    {.name = "Version",
     .doc = "Version of HAProxy that is answered for, and that of Tandem",
     .position = 1,
     .tags = "POS",
     .read = [](const ProcessView&) { return Value::of(version_text()); }},
    {.name = "Release_date",
     .doc = "Date of this version",
     .position = 2,
     .tags = "POS",
     .read = [](const ProcessView&) { return Value::of(std::string(base::kReleaseDate)); }},
    {.name = "Nbthread",
     .doc = "Worker threads",
     .position = 3,
     .tags = "CGS",
     .prometheus = "nbthread",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.threads); }},
    {.name = "Nbproc",
     .doc = "Worker processes, always 1",
     .position = 4,
     .tags = "CGS",
     .prometheus = "nbproc",
     .read = [](const ProcessView&) { return Value::u32(1); }},
    {.name = "Process_num",
     .doc = "Number of this process, always 1",
     .position = 5,
     .tags = "KGP",
     .prometheus = "relative_process_id",
     .read = [](const ProcessView&) { return Value::u32(1); }},
    {.name = "Pid",
     .doc = "Process id",
     .position = 6,
     .tags = "SGP",
     .read = [](const ProcessView& p) { return Value::u32(static_cast<uint64_t>(p.facts.pid)); }},
    {.name = "Uptime",
     .doc = "Time since start",
     .position = 7,
     .tags = "MDP",
     .read = [](const ProcessView& p) { return Value::of(uptime_text(p)); }},
    {.name = "Uptime_sec",
     .doc = "Seconds since start",
     .position = 8,
     .tags = "MDP",
     .prometheus = "uptime_seconds",
     .read = [](const ProcessView& p) { return Value::u32(static_cast<uint64_t>(uptime(p).count())); }},
    {.name = "Memmax_MB",
     .doc = "Limit of memory in megabytes (-m)",
     .position = 9,
     .tags = "CLP",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.memory_limit_megabytes); }},
    {.name = "PoolAlloc_MB",
     .doc = "Memory that the process holds, in megabytes",
     .position = 10,
     .read = [](const ProcessView&) { return Value::u32(resident_bytes() >> 20); }},
    {.name = "PoolUsed_MB",
     .doc = "The same",
     .position = 11,
     .read = [](const ProcessView&) { return Value::u32(resident_bytes() >> 20); }},
    {.name = "PoolFailed",
     .doc = "Allocations that failed, always 0",
     .position = 12,
     .tags = "MCP",
     .prometheus = "pool_failures_total",
     .read = none},
    {.name = "Ulimit-n",
     .doc = "Limit of open files",
     .position = 13,
     .tags = "CLP",
     .prometheus = "max_fds",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.open_files); }},
    {.name = "Maxsock",
     .doc = "Limit of sockets",
     .position = 14,
     .tags = "CLP",
     .prometheus = "max_sockets",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.open_files); }},
    {.name = "Maxconn",
     .doc = "Limit of connections",
     .position = 15,
     .tags = "CLP",
     .prometheus = "max_connections",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.maxconn); }},
    {.name = "Hard_maxconn",
     .doc = "Limit of connections at start",
     .position = 16,
     .tags = "CLP",
     .prometheus = "hard_max_connections",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.hard_maxconn); }},
    {.name = "CurrConns",
     .doc = "Connections now",
     .position = 17,
     .prometheus = "current_connections",
     .read = [](const ProcessView& p) { return Value::u32(p.connections()); }},
    {.name = "CumConns",
     .doc = "Connections since start",
     .position = 18,
     .tags = "MCP",
     .prometheus = "connections_total",
     .read = [](const ProcessView& p) { return Value::u32(p.sum(&Counters::connections) + p.facts.cli_sessions); }},
    {.name = "CumReq",
     .doc = "Requests since start",
     .position = 19,
     .tags = "MCP",
     .prometheus = "requests_total",
     .read = [](const ProcessView& p) { return Value::u32(p.sum(&Counters::requests) + p.facts.cli_sessions); }},
    {.name = "MaxSslConns",
     .doc = "Limit of TLS connections, 0: none",
     .position = 20,
     .tags = "MMP",
     .prometheus = "max_ssl_connections",
     .read = [](const ProcessView& p) { return Value::u32(p.source.config().global.maxsslconn); }},
    {.name = "CurrSslConns",
     .doc = "TLS connections now",
     .position = 21,
     .prometheus = "current_ssl_connections",
     .read = [](const ProcessView& p) { return Value::u32(of_tls(p, &tls::Meter::connections)); }},
    {.name = "CumSslConns",
     .doc = "TLS connections since start",
     .position = 22,
     .tags = "MCP",
     .prometheus = "ssl_connections_total",
     .read = [](const ProcessView& p) { return Value::u32(of_tls(p, &tls::Meter::connections_total)); }},
    {.name = "Maxpipes",
     .doc = "Limit of pipes for splicing, 0: none",
     .position = 23,
     .tags = "CLP",
     .prometheus = "max_pipes",
     .read = [](const ProcessView& p) { return Value::u32(p.source.config().global.maxpipes); }},
    {.name = "PipesUsed", .doc = "Pipes in use", .position = 24, .prometheus = "pipes_used_total", .read = none},
    {.name = "PipesFree", .doc = "Pipes kept", .position = 25, .prometheus = "pipes_free_total", .read = none},
    {.name = "ConnRate",
     .doc = "Connections in the last second",
     .position = 26,
     .tags = "MRP",
     .prometheus = "current_connection_rate",
     .read = [](const ProcessView& p) { return Value::u32(p.rate(&Counters::connection_rate)); }},
    {.name = "ConnRateLimit",
     .doc = "Limit of connections a second (maxconnrate)",
     .position = 27,
     .tags = "CLP",
     .prometheus = "limit_connection_rate",
     .read =
         [](const ProcessView& p) { return Value::u32(p.facts.rates ? p.facts.rates->connections.most.load() : 0); }},
    {.name = "MaxConnRate",
     .doc = "Highest rate of connections of a frontend",
     .position = 28,
     .tags = "MMP",
     .prometheus = "max_connection_rate",
     .read = highest_rate<[](const History::Rates& rates) { return rates.connections_max; }>},
    {.name = "SessRate",
     .doc = "Sessions in the last second",
     .position = 29,
     .tags = "MRP",
     .prometheus = "current_session_rate",
     .read = [](const ProcessView& p) { return Value::u32(p.rate(&Counters::session_rate)); }},
    {.name = "SessRateLimit",
     .doc = "Limit of sessions a second (maxsessrate)",
     .position = 30,
     .tags = "CLP",
     .prometheus = "limit_session_rate",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.rates ? p.facts.rates->sessions.most.load() : 0); }},
    {.name = "MaxSessRate",
     .doc = "Highest rate of sessions of a frontend",
     .position = 31,
     .tags = "MRP",
     .prometheus = "max_session_rate",
     .read = highest_rate<[](const History::Rates& rates) { return rates.sessions_max; }>},
    {.name = "SslRate",
     .doc = "TLS connections in the last second",
     .position = 32,
     .tags = "MRP",
     .prometheus = "current_ssl_rate",
     .read = tls_rate<&tls::Meter::accepted>},
    {.name = "SslRateLimit",
     .doc = "Limit of TLS connections a second (maxsslrate)",
     .position = 33,
     .tags = "CLP",
     .prometheus = "limit_ssl_rate",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.tls ? p.facts.tls->most_accepted.load() : 0); }},
    {.name = "MaxSslRate",
     .doc = "Highest rate of TLS connections",
     .position = 34,
     .tags = "MMP",
     .prometheus = "max_ssl_rate",
     .read = tls_peak<&tls::Meter::accepted>},
    {.name = "SslFrontendKeyRate",
     .doc = "TLS keys made for clients in the last second",
     .position = 35,
     .prometheus = "current_frontend_ssl_key_rate",
     .read = tls_rate<&tls::Meter::client_keys>},
    {.name = "SslFrontendMaxKeyRate",
     .doc = "Highest rate of it",
     .position = 36,
     .tags = "MMP",
     .prometheus = "max_frontend_ssl_key_rate",
     .read = tls_peak<&tls::Meter::client_keys>},
    {.name = "SslFrontendSessionReuse_pct",
     .doc = "Percentage of resumed TLS sessions",
     .position = 37,
     .prometheus = "frontend_ssl_reuse",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.tls ? p.facts.tls->reuse_percent(p.now) : 0); }},
    {.name = "SslBackendKeyRate",
     .doc = "TLS keys made for servers in the last second",
     .position = 38,
     .tags = "MRP",
     .prometheus = "current_backend_ssl_key_rate",
     .read = tls_rate<&tls::Meter::server_keys>},
    {.name = "SslBackendMaxKeyRate",
     .doc = "Highest rate of it",
     .position = 39,
     .tags = "MMP",
     .prometheus = "max_backend_ssl_key_rate",
     .read = tls_peak<&tls::Meter::server_keys>},
    {.name = "SslCacheLookups",
     .doc = "Look-ups in the TLS session cache",
     .position = 40,
     .tags = "MCP",
     .prometheus = "ssl_cache_lookups_total",
     .read = [](const ProcessView& p) { return Value::u32(of_tls(p, &tls::Meter::cache_lookups)); }},
    {.name = "SslCacheMisses",
     .doc = "Look-ups that found nothing",
     .position = 41,
     .tags = "MCP",
     .prometheus = "ssl_cache_misses_total",
     .read = [](const ProcessView& p) { return Value::u32(of_tls(p, &tls::Meter::cache_misses)); }},
    {.name = "CompressBpsIn",
     .doc = "Bytes given to the compressor in the last second",
     .position = 42,
     .tags = "MRP",
     .prometheus = "http_comp_bytes_in_total",
     .read =
         [](const ProcessView& p) {
           return Value::u32(p.facts.compression ? p.facts.compression->in.rate(p.now) : 0);
         }},
    {.name = "CompressBpsOut",
     .doc = "Bytes made of them",
     .position = 43,
     .tags = "MRP",
     .prometheus = "http_comp_bytes_out_total",
     .read =
         [](const ProcessView& p) {
           return Value::u32(p.facts.compression ? p.facts.compression->out.rate(p.now) : 0);
         }},
    {.name = "CompressBpsRateLim",
     .doc = "Limit of it",
     .position = 44,
     .tags = "CLP",
     .prometheus = "limit_http_comp",
     .read =
         [](const ProcessView& p) { return Value::u32(p.facts.compression ? p.facts.compression->most_bytes() : 0); }},
    {.name = "Tasks",
     .doc = "Streams now",
     .position = 47,
     .prometheus = "current_tasks",
     .read = [](const ProcessView& p) { return Value::u32(p.connections()); }},
    {.name = "Run_queue",
     .doc = "Work that waits for a thread, always 0",
     .position = 48,
     .prometheus = "current_run_queue",
     .read = none},
    {.name = "Idle_pct",
     .doc = "Percentage of the last second that the threads slept",
     .position = 49,
     .tags = "MaP",
     .prometheus = "idle_time_percent",
     .read = [](const ProcessView& p) { return Value::u32(p.idle.percent()); }},
    {.name = "node",
     .doc = "Name of the node",
     .position = 50,
     .tags = "COS",
     .read = [](const ProcessView& p) { return Value::of(p.facts.node); }},
    {.name = "description",
     .doc = "Description of the node",
     .position = 51,
     .tags = "COS",
     .read =
         [](const ProcessView& p) {
           return p.facts.description.empty() ? Value::nothing() : Value::of(p.facts.description);
         }},
    {.name = "Stopping",
     .doc = "1 while the process drains",
     .position = 52,
     .prometheus = "stopping",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.stopping); }},
    {.name = "Jobs",
     .doc = "Connections and listeners",
     .position = 53,
     .prometheus = "jobs",
     .read = [](const ProcessView& p) { return Value::u32(p.connections() + p.facts.listeners); }},
    {.name = "Unstoppable Jobs",
     .doc = "Connections of the master, always 0",
     .position = 54,
     .prometheus = "unstoppable_jobs",
     .read = none},
    {.name = "Listeners",
     .doc = "Sockets that accept connections",
     .position = 55,
     .prometheus = "listeners",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.listeners); }},
    {.name = "ActivePeers",
     .doc = "Peers that are synchronised",
     .position = 56,
     .prometheus = "active_peers",
     .read = none},
    {.name = "ConnectedPeers",
     .doc = "Peers that are connected",
     .position = 57,
     .prometheus = "connected_peers",
     .read = none},
    {.name = "DroppedLogs",
     .doc = "Log lines that the kernel did not take",
     .position = 58,
     .prometheus = "dropped_logs_total",
     .read =
         [](const ProcessView& p) {
           const uint64_t here = p.facts.dropped_logs ? p.facts.dropped_logs() : 0;
           return Value::u32(p.facts.inherited_dropped_logs + here);
         }},
    {.name = "BusyPolling", .doc = "Always 0", .position = 59, .prometheus = "busy_polling_enabled", .read = none},
    {.name = "FailedResolutions",
     .doc = "Names that did not resolve",
     .position = 60,
     .prometheus = "failed_resolutions",
     .read = none},
    {.name = "TotalBytesOut",
     .doc = "Bytes sent to clients",
     .position = 61,
     .prometheus = "bytes_out_total",
     .read = [](const ProcessView& p) { return Value::u64(p.sum(&Counters::bytes_out)); }},
    {.name = "TotalSplicdedBytesOut",
     .doc = "Of them through a pipe",
     .position = 62,
     .prometheus = "spliced_bytes_out_total",
     .read = none64},
    {.name = "BytesOutRate",
     .doc = "Bytes sent in the last second",
     .position = 63,
     .tags = "MRP",
     .prometheus = "bytes_out_rate",
     .read = none64},
    {.name = "DebugCommandsIssued", .doc = "Always 0", .position = 64, .read = none},
    {.name = "CumRecvLogs",
     .doc = "Log lines received",
     .position = 65,
     .tags = "MCP",
     .prometheus = "recv_logs_total",
     .read = [](const ProcessView& p) { return Value::u64(p.facts.received_logs); }},
    {.name = "Build info",
     .doc = "Version",
     .position = 66,
     .tags = "POS",
     .read = [](const ProcessView&) { return Value::of(version_text()); }},
    {.name = "Memmax_bytes",
     .doc = "Limit of memory in bytes (-m)",
     .position = 67,
     .tags = "CLP",
     .prometheus = "max_memory_bytes",
     .read = [](const ProcessView& p) { return Value::u32(p.facts.memory_limit_megabytes << 20); }},
    {.name = "PoolAlloc_bytes",
     .doc = "Memory that the process holds",
     .position = 68,
     .prometheus = "pool_allocated_bytes",
     .read = [](const ProcessView&) { return Value::u64(resident_bytes()); }},
    {.name = "PoolUsed_bytes",
     .doc = "The same",
     .position = 69,
     .prometheus = "pool_used_bytes",
     .read = [](const ProcessView&) { return Value::u64(resident_bytes()); }},
    {.name = "Start_time_sec",
     .doc = "When the process started, seconds since 1970",
     .position = 70,
     .tags = "MDP",
     .prometheus = "start_time_seconds",
     .read =
         [](const ProcessView& p) {
           auto since = p.facts.started_wall.time_since_epoch();
           return Value::u32(static_cast<uint64_t>(std::chrono::duration_cast<base::Seconds>(since).count()));
         }},
    {.name = "Tainted",
     .doc = "Experimental features in use, always 0",
     .position = 71,
     .tags = "SGP",
     .read = [](const ProcessView&) { return Value::of("0"); }},
};
const base::Registered<InfoRow> kEnrol(kRows);

}  // namespace

const std::vector<const InfoRow*>& info_rows() {
  static const std::vector<const InfoRow*> all = [] {
    std::vector<const InfoRow*> rows;
    base::Registered<InfoRow>::for_each([&](const InfoRow& row) { rows.push_back(&row); });
    std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->position < b->position; });
    return rows;
  }();
  return all;
}

}  // namespace lbd::stats
