// From a snapshot to rows: what any table or group would serve, without net-snmp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "snmp/leaf.h"
#include "snmp/object.h"
#include "snmp/system.h"
#include "snmp/virtual_router.h"

namespace snmp {
namespace {

using testing::ElementsAre;

const TableRow& table(std::string_view name) {
  const TableRow* row = Tables::find(name);
  EXPECT_NE(row, nullptr) << name;
  return *row;
}
Value read(std::string_view table_name, uint32_t number, const Snapshot& snapshot, size_t row = 0) {
  const TableRow& from = table(table_name);
  Entries entries;
  from.list(snapshot, entries);
  for (const Column& column : from.columns)
    if (column.number == number) return column.read(entries.at(row).row, snapshot);
  ADD_FAILURE() << "no column " << number;
  return 0;
}

Snapshot full() {
  Snapshot s;
  VirtualRouter router;
  router.name = "VI_1";
  router.index = 7;
  router.if_index = 2;
  router.vrid = 51;
  router.version = 2;
  router.state = VrrpState::master;
  router.reason = "the master is silent";
  router.advert_interval_us = 1'000'000;
  router.addresses = {base::IpAddr::parse("192.0.2.7").value(), base::IpAddr::parse("192.0.2.8").value()};
  router.master = router.source = base::IpAddr::parse("192.0.2.1").value();
  s.routers.push_back(router);
  router.name = "VI_6";
  router.index = 8;
  router.version = 3;
  router.ipv6 = true;
  router.addresses = {base::IpAddr::parse("2001:db8::7").value()};
  s.routers.push_back(router);
  s.families = s.routers;
  Frontend frontend;
  frontend.name = "web";
  frontend.index = 5;
  frontend.status_text = "OPEN";
  s.frontends.push_back(frontend);
  Backend backend;
  backend.name = "app";
  backend.index = 6;
  s.backends.push_back(backend);
  Server server;
  server.name = "s1";
  server.index = 9;
  server.backend = 6;
  s.servers.push_back(server);
  return s;
}

TEST(Rows, ColumnsGrowAndAreNamedOnce) {
  std::set<std::string_view> names;
  const auto check = [&](std::string_view owner, std::span<const Column> columns) {
    uint32_t before = 0;
    for (const Column& column : columns) {
      EXPECT_GT(column.number, before) << owner << " " << column.name;
      before = column.number;
      EXPECT_TRUE(names.insert(column.name).second) << column.name;
    }
  };
  Tables::for_each([&](const TableRow& row) { check(row.name, row.columns); });
  Scalars::for_each([&](const ScalarRow& row) { check(row.name, row.objects); });
  EXPECT_GT(names.size(), 250u);
}

TEST(Rows, EveryColumnReadsEveryRow) {
  Snapshot s = full();
  s.routers[0].trackers.emplace_back();
  s.listeners.emplace_back();
  s.tables.emplace_back();
  s.certificates.emplace_back();
  s.nodes.emplace_back();
  s.events.emplace_back();
  Tables::for_each([&](const TableRow& row) {
    Entries entries;
    row.list(s, entries);
    EXPECT_FALSE(entries.empty()) << row.name;
    std::set<Oid> seen;
    for (const Entry& entry : entries) {
      EXPECT_TRUE(seen.insert(entry.index).second) << row.name;
      for (const Column& column : row.columns) {
        const Value value = column.read(entry.row, s);
        if (column.type == Type::address) {
          EXPECT_EQ(value.text.size(), 4u) << column.name;
        }
      }
    }
  });
  // None of them knows a frontend or a router of nothing.
  for (const auto name :
       {"tandemFrontendTable", "tandemListenerTable", "tandemBackendTable", "tandemServerTable",
        "tandemStickTableTable", "tandemNodeTable", "tandemRouterTable", "tandemCertificateTable", "tandemEventTable",
        "tandemTrackerTable", "vrrpv3OperationsTable", "vrrpv3AssociatedIpAddrTable", "vrrpv3StatisticsTable",
        "vrrpOperTable", "vrrpAssoIpAddrTable", "vrrpRouterStatsTable", "vrrpInstanceTable", "alFrontendTable",
        "alBackendTable"}) {
    Entries entries;
    table(name).list(Snapshot(), entries);
    EXPECT_TRUE(entries.empty()) << name;
  }
  Entries daemons;
  table("tandemDaemonTable").list(Snapshot(), daemons);
  EXPECT_EQ(daemons.size(), 3u);
}

TEST(Rows, IndicesOfVrrp) {
  const Snapshot s = full();
  const auto indices = [&](std::string_view name) {
    Entries entries;
    table(name).list(s, entries);
    std::vector<Oid> all;
    for (const Entry& entry : entries) all.push_back(entry.index);
    return all;
  };
  EXPECT_THAT(indices("vrrpv3OperationsTable"), ElementsAre(Oid{2, 51, 1}, Oid{2, 51, 2}));
  EXPECT_THAT(indices("vrrpv3AssociatedIpAddrTable"),
              ElementsAre(Oid{2, 51, 1, 4, 192, 0, 2, 7}, Oid{2, 51, 1, 4, 192, 0, 2, 8},
                          Oid{2, 51, 2, 16, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}));
  EXPECT_THAT(indices("vrrpOperTable"), ElementsAre(Oid{2, 51})) << "version 2 only";
  EXPECT_THAT(indices("vrrpAssoIpAddrTable"), ElementsAre(Oid{2, 51, 192, 0, 2, 7}, Oid{2, 51, 192, 0, 2, 8}));
}

TEST(Rows, TrackersStandBelowTheirRouter) {
  Snapshot s = full();
  Tracker tracker;
  tracker.kind = "track_script";
  tracker.name = "chk";
  tracker.index = 5;
  tracker.up = false;
  tracker.priority = -20;
  s.routers[1].trackers = {tracker};
  Entries entries;
  table("tandemTrackerTable").list(s, entries);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].index, (Oid{8, 5}));
  EXPECT_EQ(read("tandemTrackerTable", 4, s).number, 2) << "not up";
  EXPECT_EQ(read("tandemTrackerTable", 7, s).number, -20);
  EXPECT_EQ(read("tandemRouterTable", 28, s, 1).number, 1);
  EXPECT_EQ(read("tandemRouterTable", 29, s, 1).number, 1);
}

TEST(System, SaysWhatOcspSays) {
  Snapshot s;
  s.taken = base::mono_now();
  for (Daemon& daemon : s.daemons) daemon.up = true;
  Certificate certificate;
  certificate.path = "a.pem";
  certificate.used = true;
  certificate.not_after = 4'000'000'000;
  s.certificates = {certificate};
  EXPECT_EQ(judge(s).health, Health::ok);
  s.certificates[0].ocsp = Certificate::Ocsp::expired;
  EXPECT_EQ(judge(s).health, Health::warning);
  s.certificates[0].ocsp = Certificate::Ocsp::revoked;
  EXPECT_EQ(judge(s).health, Health::critical);
  EXPECT_EQ(judge(s).reason, "certificate a.pem is revoked");
}

TEST(Rows, ValuesOfVrrp) {
  Snapshot s = full();
  EXPECT_EQ(read("vrrpv3OperationsTable", 6, s).number, 3) << "master";
  EXPECT_EQ(read("vrrpv3OperationsTable", 5, s).text, std::string("\0\0\x5e\0\x01\x33", 6));
  EXPECT_EQ(read("vrrpv3OperationsTable", 5, s, 1).text, std::string("\0\0\x5e\0\x02\x33", 6));
  EXPECT_EQ(read("vrrpv3OperationsTable", 9, s).number, 100) << "hundredths of a second";
  EXPECT_EQ(read("vrrpv3StatisticsTable", 2, s).number, 3) << "masterNoResponse";
  EXPECT_EQ(read("vrrpOperTable", 11, s).number, 1) << "seconds";
  EXPECT_EQ(read("vrrpOperTable", 7, s).text, std::string("\xc0\0\x02\x01", 4));
  EXPECT_EQ(read("vrrpInstanceTable", 4, s).number, 2) << "keepalived's master";
  s.routers[0].state = s.families[0].state = VrrpState::fault;
  EXPECT_EQ(read("vrrpv3OperationsTable", 6, s).number, 1) << "initialize";
  EXPECT_EQ(read("vrrpv3StatisticsTable", 2, s).number, 0) << "notMaster";
  EXPECT_EQ(read("vrrpInstanceTable", 4, s).number, 3) << "keepalived's fault";
}

TEST(Rows, LeavesOfHaproxyHaveTheColumnsOfShowStat) {
  const LeavesRow* row = LeafLists::find("haproxyCsv");
  ASSERT_NE(row, nullptr);
  std::vector<Leaf> leaves;
  row->list(full(), leaves);
  std::set<Oid> seen;
  for (const Leaf& leaf : leaves) seen.insert(leaf.suffix);
  EXPECT_EQ(seen.size(), leaves.size());
  EXPECT_TRUE(seen.contains(Oid{0, 0, 1, 5}));
  EXPECT_TRUE(seen.contains(Oid{0, 17, 1, 5}));
  EXPECT_TRUE(seen.contains(Oid{1, 9, 1, 6}));
}

TEST(System, SaysTheWorstFirst) {
  Snapshot s;
  EXPECT_EQ(judge(s).health, Health::unknown) << "as long as there was none";
  s.taken = base::mono_now();
  for (Daemon& daemon : s.daemons) daemon.up = true;
  EXPECT_EQ(judge(s).health, Health::ok);
  EXPECT_EQ(judge(s).reason, "");
  EXPECT_EQ(role_of(s), Role::none);
  EXPECT_EQ(sync_of(s), SyncState::none);
  EXPECT_EQ(fewest_days_left(s), kNoCertificate);
  Server down;
  down.status = Status::down;
  s.servers = {down, Server()};
  EXPECT_EQ(judge(s).health, Health::warning);
  s.daemon(DaemonKind::vrrpd).up = false;
  EXPECT_EQ(judge(s).health, Health::critical);
  EXPECT_EQ(judge(s).reason, "vrrpd is not running; 1 of 2 servers are down");
  s.daemon(DaemonKind::vrrpd).configured = false;
  EXPECT_EQ(judge(s).health, Health::warning) << "nobody asked for it";
}

TEST(System, RolesAndStates) {
  Snapshot s = full();
  for (Daemon& daemon : s.daemons) daemon.up = true;
  EXPECT_EQ(role_of(s), Role::master);
  s.routers[1].state = VrrpState::backup;
  EXPECT_EQ(role_of(s), Role::mixed);
  Node node;
  node.in_sync = true;
  node.configuration = Node::Configuration::same;
  s.nodes = {node};
  EXPECT_EQ(sync_of(s), SyncState::in_sync);
  EXPECT_EQ(configuration_of(s), ConfigurationState::same);
  s.nodes[0].in_sync = false;
  EXPECT_EQ(sync_of(s), SyncState::synchronizing);
  s.nodes[0].state = "down";
  EXPECT_EQ(sync_of(s), SyncState::lost);
  s.nodes[0].configuration = Node::Configuration::differs;
  EXPECT_EQ(configuration_of(s), ConfigurationState::differs);
}

TEST(System, DiscontinuityIsInTheTimeOfSnmpd) {
  Snapshot s;
  s.epoch = base::MonoTime(base::Seconds(100));
  s.daemon(DaemonKind::lbd).first_seen = base::MonoTime(base::Seconds(103));
  EXPECT_EQ(s.discontinuity(DaemonKind::lbd), 300);
  s.daemon(DaemonKind::lbd).first_seen = base::MonoTime(base::Seconds(50));
  EXPECT_EQ(s.discontinuity(DaemonKind::lbd), 0);
}

TEST(System, ScalarsStandInGroups) {
  for (const auto name : {"tandemSystem", "vrrpv3Statistics", "vrrpOperations", "vrrpStatistics"})
    EXPECT_NE(Scalars::find(name), nullptr) << name;
}

}  // namespace
}  // namespace snmp
