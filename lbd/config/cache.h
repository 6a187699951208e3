// Cache: what a cache section says. Life: as the configuration. Units: bytes. Manual: 6.2.1.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "cfg/diag.h"

namespace lbd::config {

struct Cache {
  std::string name;
  cfg::Location location;
  size_t index = 0;  // in Config::caches
  uint64_t total_max_size = 0;
  uint64_t max_object_size = 0;
  base::Seconds max_age{60};
  bool process_vary = false;
  uint32_t max_secondary_entries = 10;
};

}  // namespace lbd::config
