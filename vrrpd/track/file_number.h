// The number in a file of track_file, and what it means to an instance. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "vrrpd/track/tracker.h"

namespace vrrpd {

inline constexpr int64_t kMostNumber = INT32_MAX;

// The number that the text begins with, blanks left aside; 0 where there is none, as in a file that is missing.
int64_t number_in(std::string_view text);

// Without weight any number but 0 is a FAULT; otherwise number times weight moves the priority, and is a FAULT below
// what any priority can be lowered by.
Verdict judge_number(int64_t number, int64_t weight, bool reverse);

}  // namespace vrrpd
