#include "cfg/suggest.h"

#include <algorithm>

#include "base/strings.h"

namespace cfg {
namespace {

std::string folded(std::string_view word) {
  std::string out = base::lower(word);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

}  // namespace

std::string_view suggest(std::string_view word, const std::vector<std::string_view>& known) {
  // Beyond this no word of the language is meant, and the distance would cost time on hostile input.
  if (word.empty() || word.size() > 64) return {};
  const std::string wanted = folded(word);
  std::string_view best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : known) {
    if (candidate.size() > word.size() + best_distance || word.size() > candidate.size() + best_distance) continue;
    size_t distance = base::edit_distance(wanted, folded(candidate));
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
    if (distance == 0) break;
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  std::string_view best = suggest(word, known);
  return best.empty() ? std::string() : "did you mean '" + std::string(best) + "'?";
}

}  // namespace cfg
