// Server: the runtime sockets (`stats socket` lines) and their sessions, in the control thread.
//
// At most `stats maxconn` sessions run at once; further clients wait in the kernel's queue. Life: made once the
// control loop exists; sessions die with it. Thread: control. Errors: accept errors are waited out.
// Manual: 3.1 stats socket, stats timeout, stats maxconn.
#pragma once

#include <memory>
#include <vector>

#include "lbd/cli/session.h"

namespace lbd::cli {

class Server final : public SessionOwner {
 public:
  Server(base::Loop& loop, Services& services);
  ~Server();

  // A listening, non-blocking socket.
  void add(base::Fd fd, const Access& access);
  // A client that is connected already.
  void adopt(base::Fd fd, const Access& access);
  // Soft stop: no new sessions.
  void close_listeners();
  size_t sessions() const { return sessions_.size(); }

 private:
  class Listener;
  void session_done(Session& session) override;
  void watch_listeners();

  base::Loop& loop_;
  Services& services_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace lbd::cli
