#include "lbd/balance/weight_map.h"

#include <numeric>

#include "lbd/balance/schedule.h"

namespace lbd::balance {
namespace {

constexpr uint64_t kMostWork = 20'000'000;

std::vector<uint32_t> plain_rotation(size_t count) {
  std::vector<uint32_t> all(count);
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

}  // namespace

std::vector<uint32_t> weight_map(std::span<const uint32_t> weights) {
  int64_t divisor = 0, total = 0;
  for (uint32_t weight : weights) divisor = std::gcd(divisor, int64_t{weight});
  if (divisor == 0) return {};
  for (uint32_t weight : weights) total += weight / divisor;
  // The rule below costs slots times servers; what nobody has on both sides is spread by the faster rule.
  if (static_cast<uint64_t>(total) * weights.size() > kMostWork) {
    bool equal = static_cast<size_t>(total) == weights.size();  // none is 0 then
    return equal ? plain_rotation(weights.size()) : smooth_order(weights);
  }
  std::vector<uint32_t> map;
  map.reserve(static_cast<size_t>(total));
  std::vector<int64_t> credit(weights.size());
  for (int64_t slot = 0; slot < total; ++slot) {
    // Each gains its weight; the first of those that have gathered the most whole turns gets the slot.
    size_t best = weights.size();
    int64_t most = -1;
    for (size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] == 0) continue;
      credit[i] += weights[i] / divisor;
      int64_t turns = (credit[i] + total) / total;
      if (turns <= most) continue;
      most = turns;
      best = i;
    }
    map.push_back(static_cast<uint32_t>(best));
    credit[best] -= total;
  }
  return map;
}

}  // namespace lbd::balance
