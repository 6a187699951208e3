// The version of Tandem, and the version of HAProxy whose language and answers it follows: scripts that parse
// "HAProxy version X.Y.Z" or test version_atleast() must take the branches written for that one.
// Constants; any thread. kVersion is set by the build from the project's version.
#pragma once

#include <string_view>

namespace base {

extern const std::string_view kVersion;      // "0.1.0"
extern const std::string_view kReleaseDate;  // "2026/11/21", as HAProxy writes dates

inline constexpr std::string_view kHaproxyVersion = "3.4.0";

}  // namespace base
