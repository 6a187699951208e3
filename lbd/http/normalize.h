// Normal forms of request targets: each function does one thing that RFC 3986, 6.2.2 describes, so that different
// spellings of a path become one. Pure; results view the argument or the arena. Errors: nothing, for percent signs
// without two digits behind them, in the strict forms. Manual: 4.2 http-request normalize-uri.
#pragma once

#include <optional>
#include <string_view>

#include "base/arena.h"

namespace lbd::http {

// Of a path with its query.
std::string_view encode_fragment(std::string_view text, base::Arena& arena);  // '#' becomes "%23"
std::string_view strip_fragment(std::string_view text);
std::optional<std::string_view> decode_unreserved(std::string_view text, bool strict, base::Arena& arena);
std::optional<std::string_view> uppercase_escapes(std::string_view text, bool strict, base::Arena& arena);

// Of a path without query.
std::string_view merge_slashes(std::string_view path, base::Arena& arena);
std::string_view strip_dot(std::string_view path, base::Arena& arena);  // segments "."
// Segments ".." with the one before them; `full`: also those with none before them.
std::string_view strip_dotdot(std::string_view path, bool full, base::Arena& arena);

// Of what stands behind the '?': parameters by name, the order of those of one name stays.
std::string_view sort_query(std::string_view query, base::Arena& arena);

}  // namespace lbd::http
