// The tables of TANDEM-MIB about daemons, nodes, virtual routers and events.
#include <algorithm>

#include "snmp/event_columns.h"
#include "snmp/object.h"

namespace snmp {
namespace {

using T = Type;

template <typename Row, typename Number, Number Row::*Member>
struct Read {
  Value operator()(const Row& row) const { return row.*Member; }
};
template <auto Member, typename Row, typename Number>
constexpr Column figure_of(uint32_t number, std::string_view name, Type type, Number Row::*) {
  return column<Row>(number, name, type, Read<Row, Number, Member>());
}
template <auto Member>
constexpr Column figure(uint32_t number, std::string_view name, Type type) {
  return figure_of<Member>(number, name, type, Member);
}

constexpr Type kOneNumber[] = {T::integer};
constexpr Type kTwoNumbers[] = {T::integer, T::integer};

constexpr Column kDaemon[] = {
    column<Daemon>(2, "tandemDaemonName", T::octets,
                   [](const Daemon& d) { return kDaemonNames[static_cast<size_t>(d.kind)]; }),
    column<Daemon>(3, "tandemDaemonState", T::integer, [](const Daemon& d) { return d.up           ? 1
                                                                                    : d.configured ? 2
                                                                                                   : 3; }),
    column<Daemon>(4, "tandemDaemonVersion", T::octets, [](const Daemon& d) { return admin_string(d.version); }),
    figure<&Daemon::pid>(5, "tandemDaemonProcess", T::gauge),
    figure<&Daemon::starts>(6, "tandemDaemonStarts", T::counter64),
    column<Daemon>(7, "tandemDaemonUpTime", T::ticks,
                   [](const Daemon& d) { return d.up ? ticks(base::mono_now() - d.first_seen) : 0; }),
    column<Daemon>(8, "tandemDaemonError", T::octets, [](const Daemon& d) { return admin_string(d.error); }),
    column<Daemon>(9, "tandemDaemonDiscontinuityTime", T::ticks,
                   [](const Daemon& d, const Snapshot& s) { return s.discontinuity(d.kind); }),
};

constexpr Column kNode[] = {
    column<Node>(2, "tandemNodeOther", T::octets, [](const Node& n) { return admin_string(n.name); }),
    column<Node>(3, "tandemNodeAddress", T::octets, [](const Node& n) { return admin_string(n.address); }),
    column<Node>(4, "tandemNodeLinkState", T::octets, [](const Node& n) { return admin_string(n.state); }),
    column<Node>(5, "tandemNodeInSync", T::integer, [](const Node& n) { return truth(n.in_sync); }),
    column<Node>(6, "tandemNodeConfiguration", T::integer, [](const Node& n) { return enumerated(n.configuration); }),
    column<Node>(7, "tandemNodeError", T::octets, [](const Node& n) { return admin_string(n.error); }),
    figure<&Node::links>(8, "tandemNodeLinks", T::counter64),
    figure<&Node::updates_in>(9, "tandemNodeUpdatesIn", T::counter64),
    figure<&Node::updates_out>(10, "tandemNodeUpdatesOut", T::counter64),
    figure<&Node::on_the_way>(11, "tandemNodeUpdatesPending", T::gauge),
    figure<&Node::rejected>(12, "tandemNodeUpdatesRejected", T::counter64),
    figure<&Node::resyncs>(13, "tandemNodeResyncs", T::counter64),
    figure<&Node::teachings>(14, "tandemNodeTeachings", T::counter64),
    column<Node>(15, "tandemNodeDiscontinuityTime", T::ticks,
                 [](const Node&, const Snapshot& s) { return s.discontinuity(DaemonKind::syncd); }),
};

std::string first_address(const VirtualRouter& router) {
  return router.addresses.empty() ? std::string() : router.addresses.front().to_string();
}
std::string text_of(const base::IpAddr& ip) {
  return ip.length() == 0 ? std::string() : ip.to_string();
}
std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : "; ") + part;
  return all;
}

constexpr Column kRouter[] = {
    column<VirtualRouter>(2, "tandemRouterName", T::octets,
                          [](const VirtualRouter& r) { return admin_string(r.name); }),
    figure<&VirtualRouter::vrid>(3, "tandemRouterVrId", T::gauge),
    column<VirtualRouter>(4, "tandemRouterInterface", T::octets,
                          [](const VirtualRouter& r) { return admin_string(r.interface); }),
    figure<&VirtualRouter::version>(5, "tandemRouterVersion", T::gauge),
    column<VirtualRouter>(6, "tandemRouterState", T::integer,
                          [](const VirtualRouter& r) { return enumerated(r.state); }),
    column<VirtualRouter>(7, "tandemRouterWantedState", T::integer,
                          [](const VirtualRouter& r) { return enumerated(r.wanted); }),
    figure<&VirtualRouter::priority>(8, "tandemRouterPriority", T::gauge),
    figure<&VirtualRouter::base_priority>(9, "tandemRouterBasePriority", T::gauge),
    column<VirtualRouter>(10, "tandemRouterSince", T::octets,
                          [](const VirtualRouter& r) {
                            return date_and_time(r.since_us / 1'000'000, static_cast<int>(r.since_us / 100'000 % 10));
                          }),
    column<VirtualRouter>(11, "tandemRouterReason", T::octets,
                          [](const VirtualRouter& r) { return admin_string(r.reason); }),
    column<VirtualRouter>(12, "tandemRouterHeldBack", T::octets,
                          [](const VirtualRouter& r) { return admin_string(r.held_back); }),
    column<VirtualRouter>(13, "tandemRouterLacks", T::octets,
                          [](const VirtualRouter& r) { return admin_string(joined(r.lacks)); }),
    column<VirtualRouter>(14, "tandemRouterAddressCount", T::gauge,
                          [](const VirtualRouter& r) { return r.addresses.size(); }),
    column<VirtualRouter>(15, "tandemRouterFirstAddress", T::octets,
                          [](const VirtualRouter& r) { return first_address(r); }),
    figure<&VirtualRouter::adverts_sent>(16, "tandemRouterAdvertsSent", T::counter64),
    figure<&VirtualRouter::adverts_received>(17, "tandemRouterAdvertsReceived", T::counter64),
    figure<&VirtualRouter::became_master>(18, "tandemRouterBecameMaster", T::counter64),
    figure<&VirtualRouter::released_master>(19, "tandemRouterReleasedMaster", T::counter64),
    figure<&VirtualRouter::became_fault>(20, "tandemRouterBecameFault", T::counter64),
    figure<&VirtualRouter::foreign_masters>(21, "tandemRouterForeignMasters", T::counter64),
    column<VirtualRouter>(22, "tandemRouterDualActiveTime", T::counter64,
                          [](const VirtualRouter& r) { return r.dual_active_us / 1000; }),
    column<VirtualRouter>(23, "tandemRouterDiscontinuityTime", T::ticks,
                          [](const VirtualRouter&, const Snapshot& s) { return s.discontinuity(DaemonKind::vrrpd); }),
    column<VirtualRouter>(24, "tandemRouterMasterAddress", T::octets,
                          [](const VirtualRouter& r) { return text_of(r.master); }),
    column<VirtualRouter>(25, "tandemRouterForeignMasterAddress", T::octets,
                          [](const VirtualRouter& r) { return text_of(r.foreign_master); }),
    figure<&VirtualRouter::foreign_priority>(26, "tandemRouterForeignMasterPriority", T::gauge),
    column<VirtualRouter>(27, "tandemRouterForeignMasterHeard", T::octets,
                          [](const VirtualRouter& r) { return date_and_time(r.foreign_us / 1'000'000); }),
    column<VirtualRouter>(28, "tandemRouterTrackers", T::gauge,
                          [](const VirtualRouter& r) { return r.trackers.size(); }),
    column<VirtualRouter>(29, "tandemRouterTrackersDown", T::gauge,
                          [](const VirtualRouter& r) {
                            return std::count_if(r.trackers.begin(), r.trackers.end(),
                                                 [](const Tracker& t) { return !t.up; });
                          }),
};

constexpr Column kTracker[] = {
    column<Tracker>(2, "tandemTrackerName", T::octets, [](const Tracker& t) { return admin_string(t.name); }),
    column<Tracker>(3, "tandemTrackerKind", T::octets, [](const Tracker& t) { return admin_string(t.kind); }),
    column<Tracker>(4, "tandemTrackerUp", T::integer, [](const Tracker& t) { return truth(t.up); }),
    figure<&Tracker::weight>(5, "tandemTrackerWeight", T::integer),
    column<Tracker>(6, "tandemTrackerFault", T::integer, [](const Tracker& t) { return truth(t.fault); }),
    figure<&Tracker::priority>(7, "tandemTrackerPriority", T::integer),
};

template <typename Row, std::vector<Row> Snapshot::*Rows>
void list_by_index(const Snapshot& snapshot, Entries& entries) {
  for (const Row& row : snapshot.*Rows) entries.push_back({{row.index}, &row});
}

constexpr TableRow kRows[] = {
    {.name = "tandemDaemonTable",
     .doc = "The daemons of this node.",
     .oid =
         [] {
           return own({1, 2});
         },
     .columns = kDaemon,
     .index = kOneNumber,
     .list =
         [](const Snapshot& s, Entries& entries) {
           for (const Daemon& one : s.daemons) entries.push_back({{static_cast<SubId>(one.kind)}, &one});
         }},
    {.name = "tandemNodeTable",
     .doc = "Other nodes, as syncd sees them.",
     .oid =
         [] {
           return own({1, 8});
         },
     .columns = kNode,
     .index = kOneNumber,
     .list = list_by_index<Node, &Snapshot::nodes>},
    {.name = "tandemRouterTable",
     .doc = "Virtual routers of vrrpd.",
     .oid =
         [] {
           return own({1, 9});
         },
     .columns = kRouter,
     .index = kOneNumber,
     .list = list_by_index<VirtualRouter, &Snapshot::routers>},
    {.name = "tandemTrackerTable",
     .doc = "What virtual routers stand on.",
     .oid =
         [] {
           return own({1, 12});
         },
     .columns = kTracker,
     .index = kTwoNumbers,
     .list =
         [](const Snapshot& s, Entries& entries) {
           for (const VirtualRouter& router : s.routers)
             for (const Tracker& one : router.trackers) entries.push_back({{router.index, one.index}, &one});
         }},
    {.name = "tandemEventTable",
     .doc = "The latest events.",
     .oid =
         [] {
           return own({1, 11});
         },
     .columns = kEventColumns,
     .index = kOneNumber,
     .list =
         [](const Snapshot& s, Entries& entries) {
           for (const Event& one : s.events) entries.push_back({{one.sequence}, &one});
         }},
};
const Tables kEnrol(kRows);

}  // namespace
}  // namespace snmp
