#include "lbd/limits.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>

#include "base/process.h"

namespace lbd {
namespace {

constexpr uint32_t kMostThreads = 64;
// Without any limit of the system nobody wants more by default.
constexpr uint64_t kMostFilesByDefault = 1 << 20;

uint32_t available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) < 0) return 1;
  return static_cast<uint32_t>(std::max(1, CPU_COUNT(&set)));
}

// Descriptors beside those of connections: listeners, checks, loops, logs, runtime clients, a margin.
uint64_t reserved_files(const config::Config& config, uint32_t threads) {
  uint64_t reserved = 64 + config.global.stats_maxconn + config.global.stats_sockets.size() + threads * 8ull;
  for (const auto& proxy : config.proxies) {
    for (const auto& bind : proxy->binds) reserved += bind->addresses.size() * threads;
    reserved += proxy->servers.size();
  }
  return reserved;
}

// Threads that no processor is there for.
std::string unreachable(const config::CpuMap& map, uint32_t threads) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) < 0) return {};
  for (uint32_t thread = 0; thread < threads; ++thread) {
    const std::vector<uint32_t>& cpus = map.of(thread);
    if (!cpus.empty() && std::none_of(cpus.begin(), cpus.end(), [&](uint32_t cpu) { return CPU_ISSET(cpu, &set); }))
      return fmt::format("cpu-map: thread {} may run on none of its processors.", thread + 1);
  }
  return {};
}

}  // namespace

uint32_t connections_for(uint64_t open_files, uint64_t reserved) {
  // One descriptor to the client, one to the server.
  uint64_t left = open_files > reserved ? open_files - reserved : 0;
  return static_cast<uint32_t>(std::clamp<uint64_t>(left / 2, 1, UINT32_MAX));
}

uint64_t files_for(uint32_t maxconn, uint64_t reserved) {
  return 2ull * maxconn + reserved;
}

Limits apply_limits(const config::Config& config, const CommandLine& line) {
  const config::Global& global = config.global;
  Limits limits;
  limits.threads = std::min(global.nbthread ? global.nbthread : available_processors(), kMostThreads);
  if (global.thread_hard_limit) limits.threads = std::min(limits.threads, global.thread_hard_limit);
  uint64_t reserved = reserved_files(config, limits.threads);

  rlimit now{};
  ::getrlimit(RLIMIT_NOFILE, &now);
  uint32_t asked = line.maxconn.value_or(global.maxconn);
  uint64_t wanted = global.ulimit_n;
  if (!wanted) wanted = asked ? files_for(asked, reserved) : std::min<uint64_t>(now.rlim_max, kMostFilesByDefault);
  if (global.fd_hard_limit) wanted = std::min<uint64_t>(wanted, global.fd_hard_limit);
  auto granted = base::raise_fd_limit(wanted);
  limits.open_files = granted ? *granted : now.rlim_cur;
  limits.sockets = limits.open_files > reserved ? limits.open_files - reserved : 0;
  limits.maxconn = asked ? asked : connections_for(limits.open_files, reserved);
  if (asked && limits.open_files < files_for(asked, reserved))
    limits.warning =
        fmt::format("FD limit ({}) too low for maxconn={}. Please raise 'ulimit-n' to {} or more to avoid any trouble.",
                    limits.open_files, asked, files_for(asked, reserved));

  limits.cpu_map = unreachable(global.cpu_map, limits.threads);
  if (line.memory_megabytes) {
    rlimit memory{line.memory_megabytes << 20, line.memory_megabytes << 20};
    ::setrlimit(RLIMIT_DATA, &memory);
  }
  return limits;
}

}  // namespace lbd
