// Readiness: what a node lacks to serve as well as another one does: an lbd that serves, with the same configuration
// and the same certificates, of a version that goes with the other's, that has learnt what both nodes know (stick
// tables, states of servers, maps) and reaches the servers.
//
// Who lacks something does not preempt, and gets nothing by plan unless an operator insists; from a silent master it
// takes over all the same, and says what it lacked. Nor does preempt who cannot compare: one that has spoken and is
// gone from the link while its adverts go on. Pure. Errors: none; what was never known of another node is no lack.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vrrpd/partner.h"

namespace vrrpd {

using Lacks = std::vector<std::string>;  // as "its configuration is another"

Lacks lacks_of(const tandem::NodeFacts& candidate, const tandem::NodeFacts& active, bool teaching);

// What this node lacks to follow whoever is master of that router, or was when it was last heard of.
Lacks lacks_of_this_node(RouterId id, const tandem::NodeFacts& own, const Partner& partner);
// Why that cannot be known at the moment; "": it can, or nobody is there to compare with.
std::string not_known(RouterId id, const Partner& partner, base::MonoTime now);

// How long after the link with syncd other nodes may take to speak.
inline constexpr base::Seconds kTimeToSpeak{10};
// When to ask again although nothing was heard.
base::MonoTime patience_ends(const Partner& partner, base::MonoTime now);

}  // namespace vrrpd
