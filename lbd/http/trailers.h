// The trailer section of a chunked message on its way through: taken apart and written anew, so that nothing ambiguous
// passes. Pure. RFC 9110, 6.5; RFC 9112, 7.1.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lbd::http {

// `section` as H1Body marked it off, its empty line included; the same comes back, in the form in which it is sent.
// Fields that could change what the message means are left out. Nothing when it is malformed.
std::optional<std::string> forward_trailers(std::string section);

// Nothing that could still come makes trailers of the beginning of a section.
bool malformed_trailers(std::string beginning);

}  // namespace lbd::http
