// What vrrpd and syncd say of themselves, as parts of a snapshot.
//
// Pure but for if_nametoindex(). Thread: any one. Errors: a row that a daemon does not tell leaves its figure at 0.
#pragma once

#include "proto/envelope.pb.h"
#include "snmp/indices.h"
#include "snmp/snapshot.h"

namespace snmp {

// In which instances `now` differs from what was told before it.
std::vector<Transition> transitions_between(const tandem::VrrpStates& before, const tandem::VrrpStates& now);
void read_vrrp(const tandem::VrrpStates& states, const tandem::StatsReply& stats, Indices& indices, Snapshot& to);
void read_sync(const tandem::StatsReply& stats, Indices& indices, Snapshot& to);

}  // namespace snmp
