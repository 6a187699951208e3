// Event lines: what happens to proxies and servers apart from traffic ("Server web/s1 is DOWN, reason: …",
// "Proxy web started."), to the targets of the proxy, with its tag. Levels: DOWN alert, UP notice, no server emerg.
//
// Thread: any (checks and CLI call from the control thread). Errors: as the targets. Manual: 8.1, management.txt 5.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "lbd/log/targets.h"

namespace lbd::log {

// EventRing: the last events, for those who look later (`show events`). Thread: any.
class EventRing {
 public:
  struct Event {
    uint64_t number = 0;  // from 0
    base::WallTime when;
    base::Level level = base::Level::info;
    std::string text;
  };
  static constexpr size_t kEvents = 1000;

  void add(base::Level level, std::string_view text);
  // Up to `most` events from `number` on; those that were overwritten are skipped.
  std::vector<Event> from(uint64_t number, size_t most) const;
  // That of the next event.
  uint64_t next() const;
  // Called once, with the next event, in whatever thread that has.
  void call_at_next(std::function<void()> call) const;

 private:
  mutable std::mutex mutex_;
  std::deque<Event> events_;
  uint64_t next_ = 0;
  mutable std::vector<std::function<void()>> calls_;
};

class EventLog {
 public:
  EventLog(const config::Config& config, const LogTargets& targets) : config_(config), targets_(targets) {}

  // To the targets of a proxy.
  void write(const config::Proxy& proxy, base::Level level, std::string_view text) const;
  // To those of the global section.
  void write(base::Level level, std::string_view text) const;
  const EventRing& ring() const { return ring_; }

 private:
  const config::Config& config_;
  const LogTargets& targets_;
  mutable EventRing ring_;
};

}  // namespace lbd::log
