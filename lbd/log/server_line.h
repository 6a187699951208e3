// ServerChange: the log lines of a server whose state changed: "Server web/s1 is going DOWN for maintenance. 1 active
// and 0 backup servers left. …", and "backend web has no server available!" when it was the last.
//
//   log::ServerChange change(server);   // remembers what it was
//   …change it…
//   change.log_admin(events);           // says what became of it, or nothing when nothing did
//
// Thread: the control thread. Errors: none. Wordings and levels are those of HAProxy 2.6.
#pragma once

#include <string>

#include "lbd/log/event.h"
#include "lbd/server/server.h"

namespace lbd::log {

class ServerChange {
 public:
  explicit ServerChange(server::Server& server);

  // What an operator did.
  void log_admin(const EventLog& events);
  // What the checks or the CLI said of its health. `reason` stands behind the comma.
  void log_health(const EventLog& events, std::string_view reason);

 private:
  std::string admin_text() const;
  // Those that are left, sessions, queue; `down`: the server takes no traffic any more.
  std::string counts(bool down) const;
  void write(const EventLog& events, std::string_view text, bool down);

  server::Server& server_;
  const uint8_t admin_;
  const server::Operational operational_;
  const bool was_up_, backend_was_up_;
  const uint32_t queued_;
};

}  // namespace lbd::log
