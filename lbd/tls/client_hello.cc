#include "lbd/tls/client_hello.h"

#include <xxhash.h>

#include <algorithm>

namespace lbd::tls {
namespace {

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view take(size_t count) {
    if (count > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    std::string_view out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }
  size_t number(size_t bytes) {
    size_t value = 0;
    for (char byte : take(bytes)) value = value << 8 | static_cast<uint8_t>(byte);
    return value;
  }
  // Bytes behind their length, which has `bytes` bytes.
  std::string_view counted(size_t bytes) { return take(number(bytes)); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

constexpr size_t kSupportedGroups = 10, kPointFormats = 11;

}  // namespace

std::optional<ClientHello> read_client_hello(std::string_view message, size_t limit) {
  Cursor whole(message);
  if (whole.number(1) != 1) return std::nullopt;
  Cursor hello(whole.counted(3));
  if (whole.failed()) return std::nullopt;
  ClientHello out;
  out.version = static_cast<uint16_t>(hello.number(2));
  hello.take(32);    // random
  hello.counted(1);  // session
  const std::string_view ciphers = hello.counted(2);
  hello.counted(1);  // compression
  if (hello.failed()) return std::nullopt;
  std::string_view curves, formats;
  std::string extensions;
  if (!hello.at_end()) {
    Cursor list(hello.counted(2));
    while (!list.at_end()) {
      const std::string_view type = list.take(2), data = list.counted(2);
      if (list.failed()) return std::nullopt;
      extensions += type;
      const size_t number = Cursor(type).number(2);
      if (number == kSupportedGroups) curves = Cursor(data).counted(2);
      if (number == kPointFormats) formats = Cursor(data).counted(1);
    }
  }
  if (hello.failed()) return std::nullopt;
  out.ciphers_hash = XXH64(ciphers.data(), ciphers.size(), 0);
  auto keep = [&](std::string_view list) {
    list = list.substr(0, std::min(limit, list.size()));
    limit -= list.size();
    return std::string(list);
  };
  out.ciphers = keep(ciphers);
  out.extensions = keep(extensions);
  out.curves = keep(curves);
  out.point_formats = keep(formats);
  return out;
}

std::string without_grease(std::string_view numbers) {
  std::string out;
  for (; numbers.size() >= 2; numbers.remove_prefix(2))
    if (numbers[0] != numbers[1] || (numbers[0] & 0x0f) != 0x0a) out += numbers.substr(0, 2);
  return out;
}

}  // namespace lbd::tls
