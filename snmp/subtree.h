// Subtree: a part of the tree of objects that is registered with snmpd and answers its requests out of the snapshot
// that it was given last. Table answers by its container, a binary search for each request; ScalarGroup by the number
// of the object; Leaves, for trees that are no tables of SMIv2, by the sorted list of all their objects.
//
// Life: made after init_agent(), as long as the process. Thread: that of the loop. Errors: what is not there gets the
// answer that the protocol has for it; SET is refused by net-snmp, since handlers are read-only.
#pragma once

#include <memory>
#include <vector>

#include "snmp/leaf.h"
#include "snmp/object.h"

struct netsnmp_container_s;
struct netsnmp_index_s;

namespace snmp {

class Subtree {
 public:
  virtual ~Subtree() = default;
  virtual void load(const SnapshotPtr& snapshot) = 0;
};

// `on_request`: somebody asks.
using OnRequest = void (*)();

std::unique_ptr<Subtree> register_table(const TableRow& row, OnRequest on_request);
std::unique_ptr<Subtree> register_scalars(const ScalarRow& row, OnRequest on_request);
std::unique_ptr<Subtree> register_leaves(const LeavesRow& row, OnRequest on_request);

}  // namespace snmp
