// Texts of messages are UTF-8, and what comes from certificates, keys and paths is anything. Pure.
#pragma once

#include <string>
#include <string_view>

namespace lbd::link {

// With '?' for each byte that is no printable ASCII.
inline std::string plain(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) >= 0x7f || static_cast<unsigned char>(c) < 0x20) c = '?';
  return out;
}

}  // namespace lbd::link
