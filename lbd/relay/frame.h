// Framing of syslog over a stream, both ways of RFC 6587: "LENGTH MESSAGE" (octet counting) and a message up to a line
// feed. Which it is shows with each message, since one begins with a digit and the other with '<'. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lbd::relay {

struct Frame {
  enum class State : unsigned char {
    more,     // it is not all there
    message,  // `message`, after which `used` bytes are done with
    wrong,    // it is neither, or longer than is permitted
  } state = State::more;
  std::string_view message = {};
  size_t used = 0;
};

// The first of `bytes`; `most`: bytes of a message.
Frame next_frame(std::string_view bytes, size_t most);

enum class Framing : unsigned char { legacy, octet_count };
void append_framed(std::string& to, Framing framing, std::string_view message);

}  // namespace lbd::relay
