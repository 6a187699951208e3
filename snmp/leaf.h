// LeavesRow: objects that other agents have at numbers of their own, without being tables of SMIv2 (a column 0, entries
// other than 1): a list of them all.
// Thread: that of the loop. Errors: none.
#pragma once

#include "snmp/object.h"

namespace snmp {

struct Leaf {
  Oid suffix;  // behind the root
  Type type;
  Value value;
};

struct LeavesRow {
  std::string_view name = {};
  std::string_view doc = {};
  Oid (*oid)() = nullptr;
  void (*list)(const Snapshot& snapshot, std::vector<Leaf>& leaves) = nullptr;
};
using LeafLists = base::Registered<LeavesRow>;

}  // namespace snmp
