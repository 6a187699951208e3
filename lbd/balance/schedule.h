// The order in which weighted servers take turns: as even as whole numbers allow, one full cycle of it.
//
// Each server has a position that moves on by (sum of weights / its weight) whenever it is chosen; next is who is due,
// or else the heaviest that has not had a turn yet, or else who is due soonest (the heavier of two). Equal weights give
// plain rotation in the order of declaration; 2 and 1 give 1 1 2; 1 1 2 5 give 4 4 3 4 1 4 3 4 2, as HAProxy does.
// Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lbd::balance {

// Cycles longer than this are shortened by rounding the weights: one part in thousands is lost, the memory bounded.
inline constexpr size_t kLongestCycle = 65536;

// Indexes into `weights`; index i stands there in proportion to weights[i], 0: not at all.
std::vector<uint32_t> smooth_order(std::span<const uint32_t> weights);

}  // namespace lbd::balance
