// The static map of `hash-type map-based` and `static-rr`: one slot for each unit of weight, the servers spread over
// it as evenly as may be, the first declared in the first slot. HAProxy's order. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lbd::balance {

// Indexes into `weights`; 0: no slot.
std::vector<uint32_t> weight_map(std::span<const uint32_t> weights);

}  // namespace lbd::balance
