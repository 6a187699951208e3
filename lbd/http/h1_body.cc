#include "lbd/http/h1_body.h"

#include <algorithm>

#include "base/result.h"
#include "base/strings.h"
#include "lbd/http/scan.h"

namespace lbd::http {
namespace {

constexpr uint64_t kUnlimited = ~uint64_t{0};
// A chunk may not be larger, so that nothing overflows when sizes are added.
constexpr uint64_t kMaxChunk = uint64_t{1} << 60;
// Nobody uses chunk extensions; an endless one only costs time. HAProxy's limit is its buffer.
constexpr uint32_t kMaxExtension = 16384;

}  // namespace

void H1Body::start(BodyKind kind, uint64_t length) {
  kind_ = kind;
  extension_ = 0;
  remaining_ = 0;
  switch (kind) {
    case BodyKind::none:
      state_ = State::done;
      break;
    case BodyKind::length:
      remaining_ = length;
      state_ = length ? State::data : State::done;
      break;
    case BodyKind::chunked:
      state_ = State::chunk_size;
      break;
    case BodyKind::until_close:
    case BodyKind::tunnel:
      remaining_ = kUnlimited;
      state_ = State::data;
      break;
  }
}

H1Body::Step H1Body::feed(std::string_view bytes) {
  if (state_ == State::done) return {Kind::end, 0};
  if (state_ == State::error) return {Kind::error, 0};
  size_t used = 0;
  while (true) {
    switch (state_) {
      case State::data:
      case State::chunk_data: {
        if (used) return {Kind::framing, used};
        if (bytes.empty()) return {Kind::need_more, 0};
        auto n = std::min<uint64_t>(bytes.size(), remaining_);
        skip(n);
        return {Kind::data, n};
      }
      case State::trailers:
        return used ? Step{Kind::framing, used} : trailers(bytes);
      default:
        if (used == bytes.size()) return used ? Step{Kind::framing, used} : Step{Kind::need_more, 0};
        if (!framing(bytes[used])) {
          state_ = State::error;
          return {Kind::error, 0};
        }
        ++used;
    }
  }
}

// One byte of a chunk line or of the line end behind a chunk's data.
bool H1Body::framing(char byte) {
  switch (state_) {
    case State::chunk_size:
    case State::chunk_digits: {
      int digit = base::hex_digit(byte);
      if (digit >= 0) {
        remaining_ = remaining_ * 16 + static_cast<uint64_t>(digit);
        state_ = State::chunk_digits;
        return remaining_ < kMaxChunk;
      }
      if (state_ == State::chunk_size) return false;
      if (byte != '\r' && byte != '\n' && byte != ';' && !base::is_space(byte)) return false;
      state_ = State::chunk_extension;
      extension_ = 0;
      [[fallthrough]];
    }
    case State::chunk_extension:
      if (byte == '\r') {
        state_ = State::chunk_line_feed;
        return true;
      }
      if (byte != '\n') return !scan::stops_value(byte) && ++extension_ <= kMaxExtension;
      [[fallthrough]];
    case State::chunk_line_feed:
      state_ = remaining_ ? State::chunk_data : State::trailers;
      return byte == '\n';
    case State::chunk_end:
      if (byte == '\r') {
        state_ = State::chunk_end_line_feed;
        return true;
      }
      [[fallthrough]];
    case State::chunk_end_line_feed:
      state_ = State::chunk_size;
      return byte == '\n';
    default:
      return false;
  }
}

H1Body::Step H1Body::trailers(std::string_view bytes) {
  size_t at = 0;
  while (true) {
    // At the beginning of a line: an empty one ends the section.
    std::string_view rest = bytes.substr(at);
    size_t empty = rest.starts_with('\n') ? 1 : rest.starts_with("\r\n") ? 2 : 0;
    if (empty) {
      state_ = State::done;
      return {Kind::trailers, at + empty};
    }
    size_t line_feed = rest.find('\n');
    if (line_feed == std::string_view::npos) return {Kind::need_more, 0};
    at += line_feed + 1;
  }
}

bool H1Body::on_close() {
  if (state_ == State::data && remaining_ == kUnlimited) state_ = State::done;
  return state_ == State::done;
}

uint64_t H1Body::contiguous() const {
  return state_ == State::data || state_ == State::chunk_data ? remaining_ : 0;
}

void H1Body::skip(uint64_t n) {
  if (remaining_ == kUnlimited) return;
  CHECK(n <= contiguous());
  remaining_ -= n;
  if (remaining_ == 0) state_ = state_ == State::data ? State::done : State::chunk_end;
}

}  // namespace lbd::http
