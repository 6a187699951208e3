#include "lbd/expr/tls_hello.h"

#include <algorithm>

namespace lbd::expr {

namespace {

// Takes big-endian numbers and what they measure off the front; `short_` once there was too little.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  uint32_t number(size_t size) {
    uint32_t value = 0;
    for (char c : take(size)) value = value << 8 | static_cast<uint8_t>(c);
    return value;
  }
  std::string_view take(size_t size) {
    if (size > rest_.size()) {
      short_ = true;
      rest_ = {};
      return {};
    }
    std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  // A field with its length in `size` bytes before it.
  Reader field(size_t size) { return Reader(take(number(size))); }
  bool more() const { return !rest_.empty(); }
  bool too_short() const { return short_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool short_ = false;
};

enum Extension : uint32_t { server_name = 0, supported_groups = 10, alpn = 16, session_ticket = 35 };

void read_extension(uint32_t type, Reader body, TlsHello& hello) {
  switch (type) {
    case server_name: {
      Reader names = body.field(2);
      while (names.more() && hello.server_name.empty()) {
        bool host = names.number(1) == 0;
        Reader name = names.field(2);
        if (host) hello.server_name = name.rest();
      }
      return;
    }
    case supported_groups:
      hello.elliptic_curves = true;
      return;
    case alpn:
      hello.alpn = body.field(2).field(1).rest();
      return;
    case session_ticket:
      hello.ticket = body.more() ? 2 : 1;
      return;
    default:
      return;
  }
}

}  // namespace

TlsHello read_tls_hello(std::string_view bytes) {
  constexpr size_t kRecordHeader = 5, kMessageHeader = 4, kRandom = 32;
  constexpr uint32_t kHandshake = 0x16;
  TlsHello hello;
  Reader reader(bytes);
  if (!bytes.empty() && reader.number(1) != kHandshake) hello.state = TlsHello::State::none;
  if (bytes.size() >= 2 && reader.number(1) != 3) hello.state = TlsHello::State::none;
  if (hello.state == TlsHello::State::none || bytes.size() < kRecordHeader + kMessageHeader) return hello;
  hello.state = TlsHello::State::none;
  reader.take(1);
  uint32_t record = reader.number(2);
  hello.type = static_cast<uint8_t>(reader.number(1));
  uint32_t length = reader.number(3);
  if ((hello.type != 1 && hello.type != 2) || length + kMessageHeader > record) return hello;
  if (bytes.size() < kRecordHeader + kMessageHeader + length) {
    hello.state = TlsHello::State::partial;
    return hello;
  }
  Reader message(reader.take(length));
  hello.version = static_cast<uint16_t>(message.number(2));
  message.take(kRandom);
  message.field(1);  // session
  if (hello.type == 1) {
    message.field(2);  // ciphers
    message.field(1);  // compressions
    Reader extensions = message.more() ? message.field(2) : Reader({});
    while (extensions.more() && !extensions.too_short()) {
      uint32_t type = extensions.number(2);
      read_extension(type, extensions.field(2), hello);
    }
  }
  if (!message.too_short()) hello.state = TlsHello::State::complete;
  return hello;
}

}  // namespace lbd::expr
