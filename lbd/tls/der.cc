#include "lbd/tls/der.h"

namespace lbd::tls {

std::optional<Der::Element> Der::next() {
  const std::string_view all = rest_;
  rest_ = {};
  // Tags of several bytes stand in nothing that is read here.
  if (all.size() < 2 || (all[0] & 0x1f) == 0x1f) return std::nullopt;
  size_t length = static_cast<uint8_t>(all[1]), header = 2;
  if (length & 0x80) {
    const size_t bytes = length & 0x7f;
    if (bytes == 0 || bytes > 4 || all.size() < 2 + bytes) return std::nullopt;
    length = 0;
    for (size_t i = 0; i < bytes; ++i) length = length << 8 | static_cast<uint8_t>(all[2 + i]);
    header += bytes;
  }
  if (all.size() - header < length) return std::nullopt;
  rest_ = all.substr(header + length);
  return Element{static_cast<uint8_t>(all[0]), all.substr(header, length), all.substr(0, header + length)};
}

std::optional<Der::Element> Der::take(uint8_t tag) {
  auto element = next();
  if (!element || element->tag == tag) return element;
  rest_ = {};
  return std::nullopt;
}

}  // namespace lbd::tls
