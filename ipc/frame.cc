#include "ipc/frame.h"

#include <fmt/format.h>

namespace ipc {

void append_frame(std::string& to, std::string_view payload) {
  auto size = static_cast<uint32_t>(payload.size());
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(size >> shift & 0xff);
  to += payload;
}

base::Result<std::optional<std::string_view>> FrameDecoder::next() {
  std::string_view rest = std::string_view(pending_).substr(taken_);
  if (rest.size() >= kFrameHeader) {
    uint32_t size = 0;
    for (size_t i = 0; i < kFrameHeader; ++i) size = size << 8 | static_cast<uint8_t>(rest[i]);
    if (size > limit_) return base::Err(fmt::format("a frame of {} bytes, the limit is {}", size, limit_));
    if (rest.size() - kFrameHeader >= size) {
      taken_ += kFrameHeader + size;
      return std::optional(rest.substr(kFrameHeader, size));
    }
  }
  pending_.erase(0, taken_);
  taken_ = 0;
  return std::optional<std::string_view>();
}

}  // namespace ipc
