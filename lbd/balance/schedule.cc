#include "lbd/balance/schedule.h"

#include <algorithm>
#include <numeric>
#include <queue>

namespace lbd::balance {
namespace {

struct Turn {
  uint32_t index, weight;
  uint64_t due = 0;        // position from which it may be chosen again
  uint64_t remainder = 0;  // of the positions, in parts of its weight
  uint32_t left = 0;       // turns in this cycle
};

struct Later {
  bool operator()(const Turn& a, const Turn& b) const {
    if (a.due != b.due) return a.due > b.due;
    return a.weight != b.weight ? a.weight < b.weight : a.index > b.index;
  }
};

std::vector<Turn> turns_of(std::span<const uint32_t> weights) {
  uint64_t sum = std::accumulate(weights.begin(), weights.end(), uint64_t{0});
  uint64_t divisor = 0;
  for (uint32_t weight : weights) divisor = std::gcd(divisor, weight);
  bool shorten = divisor > 0 && sum / divisor > kLongestCycle;
  std::vector<Turn> turns;
  for (uint32_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    uint64_t share = shorten ? (weights[i] * uint64_t{kLongestCycle} + sum / 2) / sum : weights[i] / divisor;
    turns.push_back({.index = i, .weight = static_cast<uint32_t>(std::max<uint64_t>(1, share))});
    turns.back().left = turns.back().weight;
  }
  return turns;
}

}  // namespace

std::vector<uint32_t> smooth_order(std::span<const uint32_t> weights) {
  std::vector<Turn> fresh = turns_of(weights);
  uint64_t total = 0;
  for (const Turn& turn : fresh) total += turn.weight;
  std::stable_sort(fresh.begin(), fresh.end(), [](const Turn& a, const Turn& b) { return a.weight > b.weight; });

  std::priority_queue<Turn, std::vector<Turn>, Later> started;
  std::vector<uint32_t> order;
  order.reserve(total);
  size_t next_fresh = 0;
  for (uint64_t position = 0; position < total; ++position) {
    Turn turn;
    bool due = !started.empty() && (started.top().due <= position || next_fresh == fresh.size());
    if (due) {
      turn = started.top();
      started.pop();
    } else {
      turn = fresh[next_fresh++];
      turn.due = position;
    }
    order.push_back(turn.index);
    if (--turn.left == 0) continue;
    turn.due += total / turn.weight;
    turn.remainder += total % turn.weight;
    if (turn.remainder >= turn.weight) {
      turn.remainder -= turn.weight;
      ++turn.due;
    }
    started.push(turn);
  }
  return order;
}

}  // namespace lbd::balance
