// Journal: the last things that happened in this process which an operator wants to be told of in one line each: who is
// master and why, servers that go and come, reloads, links. `lbctl events` makes one story of those of all daemons.
//
// Each has its number in the process and the time since the system started, which nobody sets, so that the order is
// right whatever the clock does. What a text may hold is plain ASCII: it travels as UTF-8, and ends on a terminal.
// Life: of the process. Thread: one, that of the loop that its listener lives in. Errors: none; the oldest make room.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace base {

// Since the system started, sleep included.
Micros boot_now();
// Another after each start of the system; 0 where the kernel does not say.
uint64_t boot_id();

class Journal {
 public:
  static constexpr size_t kKept = 256;
  static constexpr size_t kLongestName = 128, kLongestText = 400;

  struct Event {
    uint64_t sequence;  // from 1
    Micros boot;
    WallTime wall;
    std::string kind;    // "vrrp", "server", "reload" …
    std::string object;  // what it is about: "VI_1", "web/s1"
    std::string text;
  };

  static Journal& instance();

  void add(std::string_view kind, std::string_view object, std::string_view text);
  const std::deque<Event>& events() const { return events_; }
  // Called after each add().
  void set_listener(std::function<void()> listener) { listener_ = std::move(listener); }

 private:
  std::deque<Event> events_;
  uint64_t last_ = 0;
  std::function<void()> listener_;
};

// To the journal of this process.
inline void record(std::string_view kind, std::string_view object, std::string_view text) {
  Journal::instance().add(kind, object, text);
}

}  // namespace base
