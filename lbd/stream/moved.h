// What of a connection goes to another process when this one drains: its descriptors, and what was known of it there,
// by names that both processes have in common. Times are those of the clocks of the machine, which both share.
//
// Successor is who takes them: the worker asks takes() what the other process has a place for, and gives it away by
// move(). Plain data. Thread: takes() and move() any. Errors: what does not come along in a MovedConnection begins anew
// there: rates of its own of bandwidth limits, and connections to servers that were kept for this client.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/addr.h"
#include "base/fd.h"
#include "base/time.h"
#include "lbd/expr/transaction.h"
#include "lbd/expr/value.h"

namespace lbd::stream {

struct MovedWire {
  base::Fd fd;
  std::string received, unsent;  // not yet looked at, and not yet taken by the socket
};

struct MovedTrack {
  uint32_t number = 0;
  std::string table, key;
};

struct MovedVariable {
  expr::VarName name;
  expr::Value value;
  std::string text;  // of the value, when it is one
};

// What is open between client and server, and what its log line will say.
struct MovedTunnel {
  std::string backend, server;
  MovedWire wire;
  bool holds_slot = false, logged = false;
  base::IpPort src, dst;
  expr::Moments at;
  expr::Termination termination;
  uint16_t status = 0;
  uint64_t bytes_in = 0, bytes_out = 0;
  uint32_t retries = 0, queue_before_server = 0, queue_before_backend = 0;
  bool redispatched = false, first_request = false;
  std::string request_line, request_cookie, response_cookie, unique_id;
  base::IpPort server_source;
  std::vector<std::string> request_captures, response_captures;
  int log_level = -2;
  base::Millis timeout_server{-1}, timeout_tunnel{-1}, timeout_client{-1};
  std::vector<MovedTrack> tracks;
  std::vector<MovedVariable> variables;
};

struct MovedConnection {
  std::string frontend;
  uint32_t listener = 0;
  MovedWire wire;
  base::MonoTime deadline = base::kNever;
  base::IpPort src, dst;
  base::WallTime accepted;
  base::MonoTime accepted_mono;
  base::Nanos handshakes{0};
  uint32_t requests = 0;
  std::vector<MovedTrack> tracks;
  std::vector<MovedVariable> variables;
  std::optional<MovedTunnel> tunnel;  // none: between two exchanges
};

class Successor {
 public:
  // `server` null: no tunnel.
  virtual bool takes(const server::Frontend& frontend, const server::Backend* backend,
                     const server::Server* server) const = 0;
  virtual void move(MovedConnection moved) = 0;

 protected:
  ~Successor() = default;
};

}  // namespace lbd::stream
