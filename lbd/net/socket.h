// Opening sockets: what a `bind` line listens on, and what a `server` line connects to.
//
// Listening sockets are opened before the process gives up its rights, one per worker (SO_REUSEPORT), so that every
// worker has an accept queue of its own; inherited ones (fd@N) and Unix ones are shared by duplicates. Errors name
// the address as it was written. Thread: start-up (listen), workers (connect). Manual: 5.1, 5.2.
#pragma once

#include <vector>

#include "base/addr.h"
#include "base/fd.h"
#include "lbd/config/bind.h"
#include "lbd/config/server.h"

namespace lbd::net {

// `count` sockets that share one address.
base::Result<std::vector<base::Fd>> open_listeners(const config::Bind& bind, const config::BindAddress& address,
                                                   size_t count);

struct ConnectOptions {
  const base::IpPort* source = nullptr;
  std::string_view interface;
  base::Millis tcp_user_timeout{0};
  bool keepalive = false;  // option srvtcpka
};
// A non-blocking socket whose connection is under way, or made already.
base::Result<base::Fd> start_connect(const base::SockAddr& to, const ConnectOptions& options);

// Options of an accepted TCP socket that are not inherited from the listening one.
void tune_accepted(int fd, bool keepalive);

}  // namespace lbd::net
