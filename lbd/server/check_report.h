// CheckReport and HealthFacts: what the health checks found out about a server, for statistics, `show servers state`,
// logs and fetches. lbd/check writes them, everybody else reads.
//
// Life: as the Server they belong to. Thread: control thread. Numbers of CheckStatus and CheckResult are those of
// `show servers state` (management.txt 9.3), the short names those of the column check_status (9.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace lbd::server {

enum class CheckStatus : uint8_t {
  unknown = 0,
  initial = 1,  // no check has ended yet
  checked = 3,  // an agent that said nothing of up or down
  traffic = 4,  // HANA: `observe` saw too many errors
  socket_error = 5,
  l4_ok = 6,
  l4_timeout = 7,
  l4_refused = 8,
  l6_ok = 9,
  l6_timeout = 10,
  l6_invalid = 11,
  l7_timeout = 12,
  l7_invalid = 13,
  l7_ok = 15,
  l7_conditional = 16,  // 404 with `http-check disable-on-404`
  l7_status = 17,
  program_error = 18,
  program_timeout = 19,
  program_ok = 20,
};

// "" for those that have no name in the statistics.
std::string_view short_name(CheckStatus status);  // "L7OK"
std::string_view long_name(CheckStatus status);   // "Layer7 check passed"

enum class CheckResult : uint8_t { none = 0, neutral = 1, failed = 2, passed = 3, conditional = 4 };

struct CheckReport {
  CheckStatus status = CheckStatus::initial;
  CheckResult result = CheckResult::none;
  int32_t code = -1;          // HTTP status, exit code …; -1: none
  base::Millis duration{-1};  // -1: none
  std::string detail;         // "Connection refused", the first line of an unexpected answer
};

struct HealthFacts {
  bool checked = false;  // there are checks; false: "no check"
  bool paused = false;   // disabled on the runtime socket
  bool running = false;  // a check is under way
  uint32_t rise = 2, fall = 3;
  uint32_t health = 0;  // 0 … rise + fall - 1; at least `rise` is up
  CheckReport last;
  uint64_t failed = 0;          // checks that failed while the server was up
  uint64_t went_down = 0;       // times it went from up to down
  uint64_t traffic_errors = 0;  // hanafail
};

// What the agent of a server says, and where it is asked. Its `rise` and `fall` are 1: one word is enough.
struct AgentFacts : HealthFacts {
  AgentFacts() { rise = fall = health = 1; }
  std::string send;     // what it is told first
  std::string address;  // "": that of the server
  uint16_t port = 0;
};

// Whether checks go on; without, nothing is told of them ("no check").
inline bool is_checked(const HealthFacts& health) {
  return health.checked && !health.paused;
}

// When an object changed between up and down, and how long it has been down.
struct Downtime {
  base::MonoTime changed{};
  base::Nanos before{0};  // of the times before the present state
  uint64_t went_down = 0;
  base::Nanos total(base::MonoTime now, bool down) const { return down ? before + (now - changed) : before; }
  // The state changed at `now`; it was down before or not.
  void note(base::MonoTime now, bool was_down) {
    if (was_down) before += now - changed;
    changed = now;
  }
};

}  // namespace lbd::server
