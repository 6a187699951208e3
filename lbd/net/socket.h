// Opening sockets: what a `bind` line listens on, and what a `server` line connects to.
//
// Listening sockets are opened before the process gives up its rights, one per worker (SO_REUSEPORT), so that every
// worker has an accept queue of its own; inherited ones (fd@N) and Unix ones are shared by duplicates. Errors name
// the address as it was written. Thread: start-up (listen), workers (connect). Manual: 5.1, 5.2.
#pragma once

#include <optional>
#include <vector>

#include "base/addr.h"
#include "base/fd.h"
#include "lbd/config/bind.h"
#include "lbd/config/proxy.h"

namespace lbd::net {

// A listening socket that somebody may have stopped.
void listen_again(int fd, const config::Bind& bind);

// `count` sockets that share one address.
base::Result<std::vector<base::Fd>> open_listeners(const config::Bind& bind, const config::BindAddress& address,
                                                   size_t count);

// One that takes datagrams at this address; of a Unix socket's, whatever had its name before.
base::Result<base::Fd> open_datagrams(const config::Bind& bind, const config::BindAddress& address);

// What else is said of a connection's socket; 0: the system's values.
struct SocketOptions {
  bool keepalive = false;
  config::Keepalive probes;  // count, idle and interval of keepalive
  uint32_t receive_buffer = 0, send_buffer = 0, not_sent_low = 0;
  bool no_linger = false;  // a close is a reset
  std::optional<uint32_t> mark = {}, tos = {};
};

struct ConnectOptions {
  const config::Source* source = nullptr;
  // Bound instead of the source's own address, whoever holds it: usesrc. A port of 0 is any.
  const base::IpPort* shown = nullptr;
  const std::string* net_namespace = nullptr;  // `namespace` of a server
  const std::string* signature = nullptr;      // `tcp-md5sig` of a server
  base::Millis tcp_user_timeout{0};
  SocketOptions socket;
};
// A non-blocking socket whose connection is under way, or made already.
base::Result<base::Fd> start_connect(const base::SockAddr& to, const ConnectOptions& options);

// Options of an accepted TCP socket that are not inherited from the listening one.
void tune_accepted(int fd, const SocketOptions& options);

// Segments to and from this peer carry signatures with the key (RFC 2385); before the connection is begun.
bool sign_segments(int fd, const base::SockAddr& peer, const std::string& key);

// Of the packets that go out; a mark needs CAP_NET_ADMIN, and without it nothing happens.
void set_mark(int fd, uint32_t mark);
void set_tos(int fd, uint32_t tos);
// What follows, a close with reset, is not to reach the peer: the kernel sends nothing at all where we may ask for that
// (CAP_NET_ADMIN) and nobody asks for a `ttl`; otherwise the packet dies after so many hops (1).
void make_silent(int fd, std::optional<uint8_t> ttl);

}  // namespace lbd::net
