// Transport: how bytes of a connection get to and from its socket: plain, or through TLS (lbd/tls).
//
// The plain transport is stateless and shared; others hold the state of one connection and are owned by it. No call
// blocks. Errors: IoResult; `bytes` is meaningful only for State::ok. Thread: that of the connection.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>

namespace lbd::net {

struct IoResult {
  enum class State : unsigned char { ok, blocked, end, error } state;
  size_t bytes = 0;
  int error = 0;  // errno
  // read, ok: more is at hand that the socket will not announce. blocked: it is room to write that is waited for,
  // whatever was asked.
  bool more = false, wants_room = false;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual IoResult read(int fd, std::span<char> to) = 0;
  virtual IoResult write(int fd, const struct iovec* pieces, int count, bool more) = 0;
  // Before the first read or write, until it says ok.
  virtual IoResult handshake(int fd) = 0;
  virtual void shutdown_write(int fd) = 0;
  // The socket is about to be closed: what politeness asks to be said first.
  virtual void say_goodbye(int fd) = 0;
  // The connection ends; the shared plain transport stays.
  virtual void release() = 0;
};

Transport& plain_transport();

}  // namespace lbd::net
