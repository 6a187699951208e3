// Which of the addresses of a name a server takes.
//
// The family that is preferred counts most, then a network that is, then the address that the server has already,
// then one that no other server of the name has; of equals the first. Pure. Manual: 5.2 resolve-prefer, resolve-net,
// resolve-opts.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/addr.h"

namespace lbd::dns {

struct Preference {
  base::Family family = base::Family::v6;
  std::span<const base::IpPrefix> networks;
  bool allow_taken = true;
};

// `current`: none (Family::none) if the server has no address. Nothing: all are taken, or there are none.
std::optional<base::IpAddr> choose(const std::vector<base::IpAddr>& addresses, const Preference& preference,
                                   const base::IpAddr& current, const std::vector<base::IpAddr>& taken);

}  // namespace lbd::dns
