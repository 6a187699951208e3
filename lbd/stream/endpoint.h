// Endpoint: one side of a stream, whatever is behind it: an HTTP/1 connection, a raw TCP connection, later an HTTP/2
// stream or TLS under any of them. The two sides of a stream are the same type: what is read from one is put into the
// other, and credit goes the other way (room(), want_input()).
//
// Owner: the front endpoint owns its stream; the stream owns its back endpoint while it uses it. Thread: the worker's.
// Errors are states, looked at after each event. An event may be called from inside put(), flush() or finish() of the
// other side, never from inside a call to the same endpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/time.h"
#include "lbd/http/head.h"

namespace lbd::stream {

class Endpoint;

// What a stream hears from its two sides.
class EndpointEvents {
 public:
  virtual ~EndpointEvents() = default;
  // A response head is complete (back side), informational ones too. Its views hold until the call returns.
  virtual void on_head(Endpoint& from, http::Head& head) = 0;
  // Payload, the end, or a failure is there to be looked at.
  virtual void on_input(Endpoint& from) = 0;
  // There is room again, all was sent, or sending failed.
  virtual void on_output(Endpoint& from) = 0;
  virtual void on_timeout(Endpoint& from) = 0;
};

class Endpoint {
 public:
  virtual ~Endpoint() = default;

  // --- towards us
  enum class Input : uint8_t {
    open,      // more may come
    complete,  // the message (or the tunnel's direction) ended as it should
    cut,       // the peer closed in the middle of a message
    failed,    // the connection broke
    bad,       // what came is not HTTP
  };
  virtual Input input() const = 0;
  // Moves payload at hand (without framing) to the end of `to`.
  virtual size_t take(base::Buffer& to, size_t most) = 0;
  // Trailer fields after a chunked body, as they came, with their last empty line.
  // HTTP/1 has that line without fields, too;
  // "": the body ended in another way.
  virtual std::string_view trailers() const = 0;
  // False: nothing is read until true.
  virtual void want_input(bool wanted) = 0;

  // --- towards the peer
  // How much payload may be put now.
  virtual size_t room() const = 0;
  virtual void put(base::Buffer& payload) = 0;  // takes all of it; framing is added
  virtual void finish(std::string_view trailers) = 0;
  virtual void flush() = 0;
  enum class Output : uint8_t { open, drained, failed };  // drained: finished and all handed to the kernel
  virtual Output output() const = 0;

  virtual void set_timeout(base::Nanos timeout) = 0;
  virtual void set_deadline(base::MonoTime when) = 0;  // a moment that activity does not move
  virtual void clear_timeout() = 0;
  // When it will be on_timeout(); kNever: not at all.
  virtual base::MonoTime deadline() const = 0;
};

}  // namespace lbd::stream
