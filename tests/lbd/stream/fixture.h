// StreamTest: a test on a Stage, and what most of them send and get.
#pragma once

#include <gtest/gtest.h>

#include "tests/lbd/stream/stage.h"

namespace lbd::stream {

class StreamTest : public testing::Test, protected Stage {
 protected:
  explicit StreamTest(const std::string& config = "") : Stage(config) {}
};

inline constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
inline constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
inline constexpr std::string_view kOkSent = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";  // as the client gets it

inline bool begins(const std::string& text, std::string_view with) {
  return text.starts_with(with);
}
inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace lbd::stream
