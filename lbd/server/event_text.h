// The words in which state changes are logged: HAProxy's, so that log rules go on working. Pure.
// Thread: control thread (they read a server's facts).
#pragma once

#include <optional>
#include <string>

#include "lbd/server/server.h"

namespace lbd::server::event_text {

// The code that reports of this status carry, be it 0; -1 of a program that a signal ended. Nothing: they carry none.
std::optional<int32_t> code_of(const CheckReport& report);
// "Server b/s", "Backup Server b/s".
std::string name(const Server& server);
// ", reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms".
std::string reason(const CheckReport& report);
// ". 1 active and 0 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue."
std::string left(const Server& server, uint32_t requeued);
// ". 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue."
std::string online(const Server& server, uint32_t requeued);
// "Health check for server b/s failed, reason: …, status: 0/2 DOWN."; `what`: Health, Agent.
std::string health_check(std::string_view what, const Server& server, const HealthFacts& facts,
                         const CheckReport& report);

}  // namespace lbd::server::event_text
