// crosscheck(): what is wrong between the two languages, although each file is good by itself: a virtual address where
// nobody listens, a listener at an address that this node never has, peers that are nobody.
//
// The facts are those that `lbd -c --outline` and `vrrpd -t --outline` print, and what the node has now. Pure; any
// thread. Errors: findings; a line of an outline that is not understood is one, too.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lbctl {

struct NodeFacts {
  std::set<std::string> addresses;  // of its interfaces
  std::set<std::string> devices;
  bool binds_foreign_v4 = false, binds_foreign_v6 = false;  // net.ipv4.ip_nonlocal_bind, net.ipv6.…
};
NodeFacts facts_of_this_node();

struct Finding {
  bool error = false;  // otherwise a warning
  std::string text, hint;
};

std::vector<Finding> crosscheck(std::string_view lbd_outline, std::string_view vrrpd_outline, const NodeFacts& node);

}  // namespace lbctl
