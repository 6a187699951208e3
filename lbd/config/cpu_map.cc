#include "lbd/config/cpu_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace lbd::config {
namespace {

using Numbers = std::vector<uint32_t>;

// "all", "odd", "even", "N", "N-", "N-M"; from `first` to `last`. Nothing: it is none of them.
std::optional<Numbers> set_of(std::string_view text, uint32_t first, uint32_t last) {
  uint32_t from = first, to = last, step = 1;
  if (text == "odd" || text == "even") {
    step = 2;
    from = first + ((first % 2 == 1) == (text == "odd") ? 0 : 1);
  } else if (text != "all") {
    const size_t dash = std::min(text.find('-'), text.size());
    const auto low = base::parse_int<uint32_t>(text.substr(0, dash));
    if (!low) return std::nullopt;
    from = to = *low;
    if (dash + 1 == text.size()) {
      to = last;
    } else if (dash < text.size()) {
      const auto high = base::parse_int<uint32_t>(text.substr(dash + 1));
      if (!high) return std::nullopt;
      to = *high;
    }
    if (from > to) std::swap(from, to);
    if (from < first || to > last) return std::nullopt;
  }
  Numbers numbers;
  for (uint32_t number = from; number <= to; number += step) numbers.push_back(number);
  return numbers;
}

}  // namespace

std::optional<std::string> CpuMap::add(std::string_view threads, const std::vector<std::string_view>& cpus) {
  constexpr std::string_view kAuto = "auto:";
  const bool one_each = threads.starts_with(kAuto);
  if (one_each) threads.remove_prefix(kAuto.size());
  const size_t slash = threads.find('/');
  const auto groups = set_of(threads.substr(0, slash), 1, kMostThreads);
  const auto chosen = slash == std::string_view::npos ? set_of(one_each ? threads : "all", 1, kMostThreads)
                                                      : set_of(threads.substr(slash + 1), 1, kMostThreads);
  if (!groups || !chosen)
    return fmt::format("'{}' is no group and set of threads: [auto:]1[/all|odd|even|N[-M]]", threads);
  if (groups->front() != 1) return "there is one group of threads, 1";
  Numbers all;
  for (const std::string_view word : cpus)
    for (size_t at = 0; at <= word.size();) {
      const size_t end = std::min(word.find(',', at), word.size());
      const auto some = set_of(word.substr(at, end - at), 0, kMostCpus - 1);
      if (!some)
        return fmt::format("'{}' is no set of processors: all, odd, even, N or N-M", word.substr(at, end - at));
      all.insert(all.end(), some->begin(), some->end());
      at = end + 1;
    }
  if (all.empty()) return "'cpu-map' expects sets of processors";
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  if (one_each && all.size() != chosen->size())
    return fmt::format("{} threads and {} processors: 'auto:' gives each thread one", chosen->size(), all.size());
  threads_.resize(kMostThreads);
  for (size_t i = 0; i < chosen->size(); ++i) threads_[(*chosen)[i] - 1] = one_each ? Numbers{all[i]} : all;
  return std::nullopt;
}

const std::vector<uint32_t>& CpuMap::of(uint32_t thread) const {
  static const Numbers kAnywhere;
  return thread < threads_.size() ? threads_[thread] : kAnywhere;
}

}  // namespace lbd::config
