// Health: what the results of checks make of a server. Pure.
//
//              success, value reaches rise: value = full
//        ┌──────────────────────────────────────────────────────────┐
//        │                                                          ▼
//   DOWN, value 0 … rise-1                        UP, value rise … full = rise + fall - 1
//        ▲    failure: value = 0                      │  failure: value - 1    │ conditional
//        └────────────────────────────────────────────┘  success: value = full ▼
//              failure at value rise: value = 0       ▲                     STOPPING (404: persistence only)
//                                                     └── success ─────────────┘
// A server starts UP at value `rise` ("yet unchecked"): one failure takes it down, one success makes it full.
// A conditional success means nothing while the server is down. Manual: 5.2 rise, fall, inter; http-check
// disable-on-404.
#pragma once

#include "lbd/config/server.h"
#include "lbd/server/check_report.h"
#include "lbd/server/server.h"

namespace lbd::server {

inline uint32_t full_health(const HealthFacts& facts) {
  return facts.rise + facts.fall - 1;
}
inline bool healthy(const HealthFacts& facts) {
  return facts.health >= facts.rise;
}

enum class HealthChange : uint8_t { none, up, down, stopping };

// Moves facts.health by one result; says what `state` has to become.
HealthChange apply(HealthFacts& facts, Operational state, CheckResult result);

// The pause until the next check: inter, fastinter while the server is going up or down, downinter while it is down.
base::Millis check_interval(const HealthFacts& facts, const config::ServerCheck& check);

}  // namespace lbd::server
