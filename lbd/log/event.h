// Event lines: what happens to proxies and servers apart from traffic ("Server web/s1 is DOWN, reason: …",
// "Proxy web started."), to the targets of the proxy, with its tag. Levels: DOWN alert, UP notice, no server emerg.
//
// Thread: any (checks and CLI call from the control thread). Errors: as the targets. Manual: 8.1, management.txt 5.
#pragma once

#include <string_view>

#include "lbd/log/ring.h"
#include "lbd/log/targets.h"

namespace lbd::log {

class EventLog {
 public:
  EventLog(const config::Config& config, const LogTargets& targets) : config_(config), targets_(targets) {}

  // To the targets of a proxy.
  void write(const config::Proxy& proxy, base::Level level, std::string_view text) const;
  // To those of the global section.
  void write(base::Level level, std::string_view text) const;
  // The last of all, as `show events buf0` has them.
  const Ring& ring() const { return ring_; }

 private:
  static constexpr size_t kRingSize = 1u << 18;

  const config::Config& config_;
  void keep(base::Level level, std::string_view text) const;

  const LogTargets& targets_;
  mutable Ring ring_{
      {.name = "buf0", .description = "in-memory ring buffer", .size = kRingSize, .most_of_a_line = kRingSize}};
};

}  // namespace lbd::log
