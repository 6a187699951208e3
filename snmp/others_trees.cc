// What templates poll that were written for others, at the numbers where they look: KEEPALIVED-MIB's instances, and the
// two trees of haproxy: 29385.106, one sub-tree a kind of object, then the column of `show stat` and the object; and
// 23263.4.2.1.3, tables of frontends and backends. Only what Debian's centreon-plugins read.
#include "snmp/leaf.h"

namespace snmp {
namespace {

using F = Figure;
using T = Type;

constexpr Type kOneNumber[] = {T::integer};
constexpr Type kTwoNumbers[] = {T::integer, T::integer};

// KEEPALIVED-MIB: vrrpInstanceTable.
int keepalived_state(VrrpState state) {
  return static_cast<int>(state) - 1;  // init is 0 there
}
constexpr Column kInstances[] = {
    column<VirtualRouter>(2, "vrrpInstanceName", T::octets,
                          [](const VirtualRouter& r) { return admin_string(r.name); }),
    column<VirtualRouter>(3, "vrrpInstanceVirtualRouterId", T::gauge, [](const VirtualRouter& r) { return r.vrid; }),
    column<VirtualRouter>(4, "vrrpInstanceState", T::integer,
                          [](const VirtualRouter& r) { return keepalived_state(r.state); }),
    column<VirtualRouter>(5, "vrrpInstanceInitialState", T::integer,
                          [](const VirtualRouter& r) { return keepalived_state(r.wanted); }),
    column<VirtualRouter>(
        6, "vrrpInstanceWantedState", T::integer,
        [](const VirtualRouter& r) { return keepalived_state(r.state == VrrpState::fault ? r.wanted : r.state); }),
    column<VirtualRouter>(7, "vrrpInstanceBasePriority", T::integer,
                          [](const VirtualRouter& r) { return r.base_priority; }),
    column<VirtualRouter>(8, "vrrpInstanceEffectivePriority", T::integer,
                          [](const VirtualRouter& r) { return r.priority; }),
    column<VirtualRouter>(9, "vrrpInstanceVipsStatus", T::integer,
                          [](const VirtualRouter& r) { return r.state == VrrpState::master ? 1 : 2; }),
    column<VirtualRouter>(10, "vrrpInstancePrimaryInterface", T::octets,
                          [](const VirtualRouter& r) { return admin_string(r.interface); }),
};

struct StatusText {
  Value operator()(const Traffic& row) const { return admin_string(row.status_text); }
};
struct Name {
  Value operator()(const Traffic& row) const { return admin_string(row.name); }
};
template <Figure Which>
struct Read {
  Value operator()(const Traffic& row) const { return row[Which]; }
};

constexpr Column kAloFrontends[] = {
    column<Frontend>(3, "alFrontendName", T::octets, Name()),
    column<Frontend>(4, "alFrontendSessionCur", T::gauge, Read<F::scur>()),
    column<Frontend>(7, "alFrontendSessionTotal", T::counter64, Read<F::stot>()),
    column<Frontend>(8, "alFrontendBytesIN", T::counter64, Read<F::bin>()),
    column<Frontend>(9, "alFrontendBytesOUT", T::counter64, Read<F::bout>()),
    column<Frontend>(13, "alFrontendStatus", T::octets, StatusText()),
};
constexpr Column kAloBackends[] = {
    column<Backend>(3, "alBackendName", T::octets, Name()),
    column<Backend>(4, "alBackendQueueCur", T::gauge, Read<F::qcur>()),
    column<Backend>(7, "alBackendSessionCur", T::gauge, Read<F::scur>()),
    column<Backend>(10, "alBackendSessionTotal", T::counter64, Read<F::stot>()),
    column<Backend>(12, "alBackendBytesIN", T::counter64, Read<F::bin>()),
    column<Backend>(13, "alBackendBytesOUT", T::counter64, Read<F::bout>()),
    column<Backend>(20, "alBackendStatus", T::octets, StatusText()),
};

const Oid kAlo = {1, 3, 6, 1, 4, 1, 23263, 4, 2, 1, 3};

// 1 is the process.
constexpr SubId kProcess = 1;

constexpr TableRow kTables[] = {
    {.name = "vrrpInstanceTable",
     .doc = "KEEPALIVED-MIB: instances.",
     .oid = [] { return Oid{1, 3, 6, 1, 4, 1, 9586, 100, 5, 2, 3}; },
     .columns = kInstances,
     .index = kOneNumber,
     .list =
         [](const Snapshot& s, Entries& entries) {
           for (const VirtualRouter& one : s.routers) entries.push_back({{one.index}, &one});
         }},
    {.name = "alFrontendTable",
     .doc = "23263.4.2.1.3.2: frontends.",
     .oid = [] { return below(kAlo, {2}); },
     .columns = kAloFrontends,
     .index = kTwoNumbers,
     .list =
         [](const Snapshot& s, Entries& entries) {
           for (const Frontend& one : s.frontends) entries.push_back({{kProcess, one.index}, &one});
         }},
    {.name = "alBackendTable",
     .doc = "23263.4.2.1.3.3: backends.",
     .oid = [] { return below(kAlo, {3}); },
     .columns = kAloBackends,
     .index = kTwoNumbers,
     .list =
         [](const Snapshot& s, Entries& entries) {
           for (const Backend& one : s.backends) entries.push_back({{kProcess, one.index}, &one});
         }},
};
const Tables kEnrolTables(kTables);

// The columns of `show stat` by their places.
constexpr std::pair<SubId, Figure> kColumns[] = {{2, F::qcur}, {4, F::scur}, {7, F::stot}, {8, F::bin}, {9, F::bout}};

void add(std::vector<Leaf>& leaves, SubId kind, const Traffic& row) {
  leaves.push_back({{kind, 0, kProcess, row.index}, T::octets, admin_string(row.name)});
  for (const auto& [place, figure] : kColumns)
    leaves.push_back({{kind, place, kProcess, row.index}, T::counter64, row[figure]});
  leaves.push_back({{kind, 17, kProcess, row.index}, T::octets, admin_string(row.status_text)});
}

constexpr LeavesRow kLeaves[] = {
    {.name = "haproxyCsv",
     .doc = "29385.106.1: columns of 'show stat' of frontends and backends.",
     .oid = [] { return Oid{1, 3, 6, 1, 4, 1, 29385, 106, 1}; },
     .list =
         [](const Snapshot& s, std::vector<Leaf>& leaves) {
           for (const Frontend& one : s.frontends) add(leaves, 0, one);
           for (const Backend& one : s.backends) add(leaves, 1, one);
         }},
};
const LeafLists kEnrolLeaves(kLeaves);

}  // namespace
}  // namespace snmp
