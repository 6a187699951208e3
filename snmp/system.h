// What single numbers say of the whole node, for pollers that read no tables: its health and why, its role, the state
// of replication, and how many of everything there are and are down. Pure. Thread: any one. Errors: none.
#pragma once

#include <string>

#include "snmp/snapshot.h"

namespace snmp {

enum class Health : uint8_t { ok = 1, warning, critical, unknown };
enum class Role : uint8_t { master = 1, backup, fault, initialize, mixed, none };
enum class SyncState : uint8_t { in_sync = 1, synchronizing, lost, none };
enum class ConfigurationState : uint8_t { same = 1, differs, unknown };

struct Verdict {
  Health health = Health::ok;
  std::string reason;  // the worst first; "" where all is well
};

Verdict judge(const Snapshot& snapshot);
Role role_of(const Snapshot& snapshot);
SyncState sync_of(const Snapshot& snapshot);
ConfigurationState configuration_of(const Snapshot& snapshot);

// Days until the first certificate that is in use ends; kNoCertificate: there is none.
inline constexpr int64_t kNoCertificate = 2147483647;
int64_t fewest_days_left(const Snapshot& snapshot);

template <typename Row>
int64_t count_down(const std::vector<Row>& rows) {
  int64_t count = 0;
  for (const Row& row : rows) count += row.status == Status::down || row.status == Status::stopped;
  return count;
}

inline constexpr int64_t kFewDays = 14;     // a certificate expires soon
inline constexpr int64_t kNearlyFull = 95;  // percent, of connections and tables

}  // namespace snmp
