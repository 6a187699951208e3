// Frames: a 4-byte big-endian length and so many bytes of payload. Pure: bytes in, payloads out.
//
// The decoder keeps at most one incomplete frame and refuses a length above its limit before it has room for it.
// After an error it stays refused: a stream out of step cannot be brought back.
// Life: one decoder a connection. Thread: any one. Units: bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ipc {

inline constexpr size_t kFrameHeader = 4;

void append_frame(std::string& to, std::string_view payload);

class FrameDecoder {
 public:
  explicit FrameDecoder(size_t limit) : limit_(limit) {}
  void set_limit(size_t limit) { limit_ = limit; }

  void feed(std::string_view bytes) { pending_.append(bytes); }
  // The next whole payload (valid until the next feed() or next()), nothing when more bytes are needed.
  base::Result<std::optional<std::string_view>> next();
  size_t buffered() const { return pending_.size() - taken_; }

 private:
  size_t limit_;
  std::string pending_;
  size_t taken_ = 0;  // of pending_, already given out
};

}  // namespace ipc
