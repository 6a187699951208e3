// The values of a field that is a comma-separated list (RFC 9110, 5.6.1). Pure views.
//
// A comma in a quoted string does not separate. Empty values come out, too, as HAProxy counts them: "a,,b" has three,
// "," two, "" one.
#pragma once

#include <cstddef>
#include <string_view>

namespace lbd::http {

// The value from `at` on, blanks off, and `at` behind its comma. False: no more. Begins with at == 0.
bool next_list_value(std::string_view list, size_t& at, std::string_view& value);

// One of the values is `token` (no matter the case).
bool list_has(std::string_view list, std::string_view token);

}  // namespace lbd::http
