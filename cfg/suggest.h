// "Did you mean": the nearest known word to one that nobody knows.
//
// Near means few edits for the length (one for short words, a third of the letters for long ones), or the known word
// said with '_' instead of '-' or in other case. Pure. Thread: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cfg {

// "" when nothing is near enough. Of equally near words the first wins.
std::string_view suggest(std::string_view word, const std::vector<std::string_view>& known);

// "did you mean 'x'?", or "" when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace cfg
