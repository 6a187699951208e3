#include "lbd/dns/lookup.h"

namespace lbd::dns {

std::optional<base::IpAddr> LookupCache::find(const std::string& name, base::Family prefer, base::MonoTime now) {
  std::lock_guard lock(mutex_);
  auto& entries = entries_[prefer == base::Family::v6];
  auto it = entries.find(name);
  if (it == entries.end() || it->second.until <= now) return std::nullopt;
  return it->second.ip;
}

void LookupCache::put(const std::string& name, base::Family prefer, const base::IpAddr& ip, base::MonoTime until,
                      base::MonoTime now) {
  std::lock_guard lock(mutex_);
  auto& entries = entries_[prefer == base::Family::v6];
  if (entries.size() >= kMost) std::erase_if(entries, [&](const auto& entry) { return entry.second.until <= now; });
  if (entries.size() < kMost || entries.contains(name)) entries[name] = {ip, until};
}

}  // namespace lbd::dns
