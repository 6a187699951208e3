// Process: what fetches, actions and log tags may know of the running process as a whole: its runtime objects by the
// position of their section in Config::proxies, its names, its process-wide variables.
//
// Owner: whoever builds the runtime; filled before the first worker starts and then immutable but for `vars`,
// `patterns`, `tables` and `caches`, which have their own locks. Life: the process. Thread: any.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "lbd/config/config.h"

namespace lbd::server {
class Frontend;
class Backend;
struct Counters;
}  // namespace lbd::server

namespace lbd::table {
class Tables;
}
namespace lbd::cache {
class Caches;
}

namespace lbd::dns {
class Lookups;
}

namespace lbd::expr {

class PatternFiles;
class ProcessVars;

// Backends that came at run time, by name.
using AddedBackends = std::map<std::string, server::Backend*, std::less<>>;

struct Process {
  const config::Config* config = nullptr;
  std::vector<server::Frontend*> frontends;  // by position in config->proxies; null where the section has no such side
  std::vector<server::Backend*> backends;
  std::atomic<const AddedBackends*> added_backends{nullptr};  // null: none; stays as it is within a worker's turn
  std::vector<const server::Counters*> counters;              // the array of each worker, indexed by slot
  std::string hostname;                                       // %H, hostname
  pid_t pid = 0;                                              // %pid; in master-worker mode the worker's
  base::MonoTime started;
  const std::atomic<uint32_t>* connections = nullptr;  // of all frontends: %ac, act_conns
  const std::atomic<bool>* stopping = nullptr;         // soft stop under way
  ProcessVars* vars = nullptr;                         // proc.
  PatternFiles* patterns = nullptr;                    // maps and ACL files
  table::Tables* tables = nullptr;                     // stick tables
  cache::Caches* caches = nullptr;
  dns::Lookups* lookups = nullptr;  // do-resolve; null: nobody is asked
};

}  // namespace lbd::expr
