// Base64 in both alphabets: with "+/" and padding (RFC 4648, 4), with "-_" and none (RFC 4648, 5: base64url, as in JSON
// web tokens). Pure. Thread: any. Errors: text that is not base64 decodes to nothing; there is no lenient reading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"

namespace base {

enum class Base64 : uint8_t { standard, url };

std::string_view encode_base64(std::string_view bytes, Base64 alphabet, Arena& arena);
// The standard alphabet needs its padding; that of URLs may have it or not.
std::optional<std::string_view> decode_base64(std::string_view text, Base64 alphabet, Arena& arena);

// In the standard alphabet.
std::string encode_base64(std::string_view bytes);
// In one line or several, as operators paste it; nothing for an empty one, too.
std::optional<std::string> decode_base64_lines(std::string_view text);

}  // namespace base
