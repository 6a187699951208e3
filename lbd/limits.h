// Limits: how many threads, connections and descriptors the process has, from configuration, command line and what the
// system grants. Thread: the main thread at start. Manual: 3.1 maxconn, nbthread, ulimit-n; 3.2 maxpipes.
#pragma once

#include <cstdint>
#include <string>

#include "lbd/command_line.h"
#include "lbd/config/config.h"

namespace lbd {

struct Limits {
  uint32_t threads = 1;
  uint32_t maxconn = 0;
  uint64_t open_files = 0;
  uint64_t sockets = 0;  // what of it is there for connections
  std::string cpu_map;   // what of it cannot be, "" when all can
  std::string warning;   // what was asked for and not granted, "" when all was
};

// How many connections fit into so many descriptors, and the other way round. Pure.
uint32_t connections_for(uint64_t open_files, uint64_t reserved);
uint64_t files_for(uint32_t maxconn, uint64_t reserved);

// Raises the limit of open files as far as needed and permitted.
Limits apply_limits(const config::Config& config, const CommandLine& line);

}  // namespace lbd
