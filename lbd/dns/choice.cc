#include "lbd/dns/choice.h"

#include <algorithm>

namespace lbd::dns {

std::optional<base::IpAddr> choose(const std::vector<base::IpAddr>& addresses, const Preference& preference,
                                   const base::IpAddr& current, const std::vector<base::IpAddr>& taken) {
  const base::IpAddr* best = nullptr;
  int best_score = -1;
  for (const base::IpAddr& ip : addresses) {
    const bool is_taken = std::find(taken.begin(), taken.end(), ip) != taken.end();
    if (is_taken && !preference.allow_taken) continue;
    const bool near = std::any_of(preference.networks.begin(), preference.networks.end(),
                                  [&](const base::IpPrefix& network) { return network.contains(ip); });
    const int score =
        (ip.family == preference.family ? 8 : 0) + (near ? 4 : 0) + (ip == current ? 2 : 0) + (is_taken ? 0 : 1);
    if (score <= best_score) continue;
    best = &ip;
    best_score = score;
  }
  return best ? std::optional(*best) : std::nullopt;
}

}  // namespace lbd::dns
