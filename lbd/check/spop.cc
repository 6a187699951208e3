// option spop-check: an agent answers the hello of a health check by its own. Manual: 4.2 option spop-check; SPOE.txt
// 3.1 (types), 3.2 (frames), 3.5 (errors).
#include <algorithm>
#include <iterator>

#include "lbd/check/scripts.h"

namespace lbd::check {
namespace {

constexpr uint8_t kHaproxyHello = 1, kAgentHello = 101, kAgentDisconnect = 102;
constexpr uint32_t kFin = 1;
constexpr uint64_t kLeastFrame = 256, kMostFrame = 16380;  // a buffer without the length in front
constexpr size_t kLengthSize = 4;
constexpr char kVersion[] = "2.0";
// In the order of their numbers; HAProxy's texts.
constexpr std::string_view kErrors[] = {
    "normal",
    "I/O error",
    "a timeout occurred",
    "frame is too big",
    "invalid frame received",
    "version value not found",
    "max-frame-size value not found",
    "capabilities value not found",
    "unsupported version",
    "max-frame-size too big or too small",
    "fragmentation not supported",
    "invalid interlaced frames",
    "frame-id not found",
    "resource allocation error",
};
enum Error : uint8_t { kInvalid = 4, kNoVersion = 5, kNoSize = 6, kBadVersion = 8, kBadSize = 9, kFragmented = 10 };

CheckReport bad(uint64_t error) {
  return report(CheckStatus::l7_invalid,
                std::string(error < std::size(kErrors) ? kErrors[error] : "an unknown error occurred"));
}

// Reads a frame; what is not there, or not of the type that is asked for, makes it bad for ever.
class Frame {
 public:
  explicit Frame(std::string_view bytes) : rest_(bytes) {}
  bool bad() const { return bad_; }
  bool done() const { return bad_ || rest_.empty(); }

  uint8_t byte() {
    if (rest_.empty()) return fail();
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  uint32_t fixed() {
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | byte();
    return value;
  }
  uint64_t varint() {
    uint64_t value = byte();
    if (value < 0xf0) return value;
    for (unsigned shift = 4; !bad_; shift += 7) {
      const uint64_t more = byte();
      if (shift > 56) return fail();
      value += more << shift;
      if (more < 0x80) break;
    }
    return value;
  }
  std::string_view text() {
    const uint64_t size = varint();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }

  // --- with their type in front
  uint64_t number() {
    const uint8_t type = byte() & 0x0f;
    return type >= 2 && type <= 5 ? varint() : fail();
  }
  std::string_view string() {
    if ((byte() & 0x0f) == 8) return text();
    fail();
    return {};
  }
  void skip() {
    switch (const uint8_t type = byte() & 0x0f) {
      case 0:
      case 1:
        return;
      case 6:
      case 7:
        for (int i = 0; i < (type == 6 ? 4 : 16); ++i) byte();
        return;
      case 8:
      case 9:
        text();
        return;
      default:  // those that are not used have no value
        if (type <= 5) varint();
    }
  }

 private:
  uint8_t fail() {
    bad_ = true;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool bad_ = false;
};

CheckReport judge_hello(Frame frame) {
  bool has_version = false, has_size = false;
  while (!frame.done()) {
    const std::string_view key = frame.text();
    if (key == "version") {
      std::string_view version = frame.string();
      while (version.starts_with(' ')) version.remove_prefix(1);
      while (version.ends_with(' ')) version.remove_suffix(1);
      if (!frame.bad() && version != kVersion) return bad(kBadVersion);
      has_version = true;
    } else if (key == "max-frame-size") {
      const uint64_t size = frame.number();
      if (!frame.bad() && (size < kLeastFrame || size > kMostFrame)) return bad(kBadSize);
      has_size = true;
    } else if (key == "capabilities") {
      frame.string();
    } else {
      frame.skip();
    }
  }
  if (frame.bad()) return bad(kInvalid);
  if (!has_version) return bad(kNoVersion);
  if (!has_size) return bad(kNoSize);
  return report(CheckStatus::l7_ok, {}, 0);
}

CheckReport judge_disconnect(Frame frame) {
  uint64_t code = 0;
  bool has_message = false;
  while (!frame.done()) {
    const std::string_view key = frame.text();
    if (key == "status-code") {
      code = frame.number();
    } else if (key == "message") {
      frame.string();
      has_message = true;
    } else {
      frame.skip();
    }
  }
  return bad(frame.bad() || !has_message ? uint64_t{kInvalid} : code);
}

std::optional<CheckReport> judge(std::string_view answer, bool closed) {
  Frame head(answer);
  const uint32_t length = head.fixed();
  if (answer.size() >= kLengthSize && length == 0) return bad(kInvalid);
  if (answer.size() < kLengthSize || answer.size() - kLengthSize < length)
    return closed ? std::optional(bad(kInvalid)) : std::nullopt;
  Frame frame(answer.substr(kLengthSize, length));
  const uint8_t type = frame.byte();
  const uint32_t flags = frame.fixed();
  if ((type != kAgentHello && type != kAgentDisconnect) || frame.bad()) return bad(kInvalid);
  if (!(flags & kFin)) return bad(kFragmented);
  // Of the connection, not of a stream.
  if (frame.varint() != 0 || frame.varint() != 0 || frame.bad()) return bad(kInvalid);
  return type == kAgentHello ? judge_hello(frame) : judge_disconnect(frame);
}

constexpr CheckRow kRows[] = {
    {.name = "spop-check", .doc = "an agent of SPOP answers a hello", .compile = compile_turns<scripts::spop>},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace

Script scripts::spop(const std::vector<std::string>&) {
  using namespace std::string_literals;
  // Keys and values behind the length of each, these behind their type; 16380 as a varint.
  const std::string items = "\x12supported-versions\x08\x03"s + kVersion +
                            "\x0emax-frame-size\x03\xfc\xf0\x06"
                            "\x0c"
                            "capabilities\x08\x00"
                            "\x0bhealthcheck\x11"s;
  std::string frame = {static_cast<char>(kHaproxyHello), 0, 0, 0, static_cast<char>(kFin), 0, 0};
  frame += items;
  return {.turns = {{.question = "\0\0\0"s + static_cast<char>(frame.size()) + frame, .judge = judge}}};
}

}  // namespace lbd::check
