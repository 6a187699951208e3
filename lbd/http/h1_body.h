// The body of an HTTP/1 message: how many of the bytes at hand are payload, framing, or the end. Pure.
//
// feed() looks at bytes and says what the first of them are; the caller forwards or drops them and calls again. A
// chunked body is decoded (framing is dropped and written anew by the sender, so nothing ambiguous passes through).
// Framing is taken as it comes, cut anywhere; only the trailer section must lie in one piece.
// Owner: the connection that reads the message. RFC 9112, sections 6 and 7.
#pragma once

#include <cstdint>
#include <string_view>

#include "lbd/http/head.h"

namespace lbd::http {

class H1Body {
 public:
  enum class Kind : uint8_t {
    need_more,  // nothing usable yet
    data,       // `bytes` of payload
    framing,    // `bytes` of chunk header or line end: drop them
    trailers,   // `bytes` of trailer section, complete, including its last empty line; the message ends
    end,        // the message ends here (bytes == 0)
    error,      // malformed framing
  };
  struct Step {
    Kind kind;
    size_t bytes;
  };

  void start(BodyKind kind, uint64_t length);
  Step feed(std::string_view bytes);
  // The peer closed: true if the body was complete by that (until_close), false if it was cut.
  bool on_close();
  bool done() const { return state_ == State::done; }
  bool in_trailers() const { return state_ == State::trailers; }
  BodyKind kind() const { return kind_; }
  // Payload bytes that surely come next without framing between; ~0 for until_close and tunnel.
  uint64_t contiguous() const;
  // `n` payload bytes went by.
  void skip(uint64_t n);

 private:
  enum class State : uint8_t {
    data,             // length, until_close, tunnel
    chunk_size,       // before the first digit
    chunk_digits,     // among the digits
    chunk_extension,  // behind them, up to the line end
    chunk_line_feed,  // behind the CR of the chunk line
    chunk_data,
    chunk_end,            // behind the data: CR or LF
    chunk_end_line_feed,  // behind that CR
    trailers,
    done,
    error
  };
  bool framing(char byte);
  Step trailers(std::string_view bytes);

  State state_ = State::done;
  BodyKind kind_ = BodyKind::none;
  uint64_t remaining_ = 0;
  uint32_t extension_ = 0;  // bytes of the chunk line behind the size
};

}  // namespace lbd::http
