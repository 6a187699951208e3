// What the statistics page brings along: its style and its script, with their tags. Nothing is loaded from elsewhere.
#pragma once

#include <string_view>

namespace lbd::stats {

extern const std::string_view kPageStyle, kPageScript;

}  // namespace lbd::stats
