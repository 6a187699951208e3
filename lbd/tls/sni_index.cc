#include "lbd/tls/sni_index.h"

namespace lbd::tls {

void SniIndex::add(std::string_view name, uint32_t entry) {
  const bool wildcard = name.starts_with("*.");
  if (wildcard) name.remove_prefix(1);
  // What nobody can ask for.
  if (name.empty() || name.size() > kLongestName || name.starts_with('*') || (name.starts_with('.') && !wildcard))
    return;
  const auto at = static_cast<uint32_t>(links_.size());
  links_.push_back({entry, kNone});
  auto [chain, added] = heads_.try_emplace(std::string(name), Chain{at, at});
  if (added) return;
  links_[chain->second.last].next = at;
  chain->second.last = at;
}

uint32_t SniIndex::find(std::string_view key) const {
  auto found = heads_.find(key);
  return found == heads_.end() ? kNone : found->second.first;
}

uint32_t SniIndex::wildcard(std::string_view name) const {
  const size_t dot = name.find('.');
  return dot == std::string_view::npos || dot == 0 ? kNone : find(name.substr(dot));
}

}  // namespace lbd::tls
