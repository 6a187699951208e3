#include "snmp/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snmp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Snapshot healthy(size_t servers = 2) {
  Snapshot s;
  s.node = "lb1";
  s.taken_wall = base::WallTime(base::Seconds(1'800'000'000));
  for (Daemon& daemon : s.daemons) {
    daemon.up = true;
    daemon.pid = 10;
    daemon.generation = 10;
  }
  Backend backend;
  backend.name = "app";
  backend.status = Status::up;
  s.backends.push_back(backend);
  for (size_t i = 1; i <= servers; ++i) {
    Server server;
    server.name = "s" + std::to_string(i);
    server.backend_name = "app";
    server.status = Status::up;
    server.status_text = "UP";
    s.servers.push_back(server);
  }
  VirtualRouter router;
  router.name = "VI_1";
  router.state = VrrpState::backup;
  s.routers.push_back(router);
  Node node;
  node.name = "lb2";
  node.in_sync = true;
  s.nodes.push_back(node);
  return s;
}

void bring_down(Server& server) {
  server.status = Status::down;
  server.status_text = "DOWN";
  server.check_text = "refused";
}

std::vector<std::string> texts(const std::vector<Event>& events) {
  std::vector<std::string> all;
  for (const Event& event : events) all.push_back(event.text);
  return all;
}

TEST(Events, HowThingsAreAtFirstIsNoNews) {
  Events events;
  Snapshot s = healthy();
  bring_down(s.servers[0]);
  EXPECT_THAT(events.compare(s), IsEmpty());
  EXPECT_THAT(events.compare(s), IsEmpty());
}

TEST(Events, TellEachChangeWithTheNextNumber) {
  Events events;
  Snapshot s = healthy();
  events.compare(s);
  for (Server& server : s.servers) bring_down(server);
  s.backends[0].status = Status::down;
  const auto down = events.compare(s);
  EXPECT_THAT(texts(down), ElementsAre("server app/s1 is DOWN: refused", "server app/s2 is DOWN: refused",
                                       "backend app has no server available"));
  EXPECT_EQ(down[0].sequence, 1u);
  EXPECT_EQ(down[2].sequence, 3u);
  EXPECT_EQ(down[0].kind, EventKind::server_down);
  EXPECT_EQ(down[2].kind, EventKind::backend_down);
  EXPECT_EQ(down[0].object, "app/s1");
  EXPECT_EQ(down[0].node, "lb1");
  EXPECT_EQ(down[0].time_us, 1'800'000'000'000'000);
  EXPECT_THAT(events.compare(s), IsEmpty());
  const auto up = events.compare(healthy());
  ASSERT_EQ(up.size(), 3u);
  EXPECT_EQ(up[0].kind, EventKind::server_up);
  EXPECT_EQ(up[2].kind, EventKind::backend_up);
  EXPECT_EQ(up[2].sequence, 6u);
}

TEST(Events, MaintenanceIsNotDown) {
  Events events;
  Snapshot s = healthy();
  events.compare(s);
  s.servers[0].status = Status::maintenance;
  EXPECT_THAT(events.compare(s), IsEmpty());
}

TEST(Events, FailoverNamesStatesAndReason) {
  Events events;
  Snapshot s = healthy();
  events.compare(s);
  s.routers[0].state = VrrpState::master;
  s.routers[0].reason = "the master is silent";
  const auto news = events.compare(s);
  EXPECT_THAT(texts(news), ElementsAre("virtual router VI_1: BACKUP -> MASTER: the master is silent"));
  EXPECT_EQ(news[0].kind, EventKind::failover);
  s.routers[0].foreign_masters = 1;
  EXPECT_EQ(events.compare(s).at(0).kind, EventKind::split_brain_suspected);
  EXPECT_THAT(events.compare(s), IsEmpty());
}

TEST(Events, ADaemonThatGoesSaysNothingOfItsObjects) {
  Events events;
  events.compare(healthy());
  Snapshot gone = healthy();
  gone.daemon(DaemonKind::lbd).up = false;
  gone.daemon(DaemonKind::lbd).error = "refused";
  gone.servers.clear();
  gone.backends.clear();
  EXPECT_THAT(texts(events.compare(gone)), ElementsAre("lbd is not running: refused"));
  Snapshot back = healthy();
  back.daemon(DaemonKind::lbd).pid = back.daemon(DaemonKind::lbd).generation = 11;
  bring_down(back.servers[1]);
  EXPECT_THAT(texts(events.compare(back)), ElementsAre("lbd is running: process 11", "server app/s2 is DOWN: refused"));
}

TEST(Events, AReloadIsOne) {
  Events events;
  events.compare(healthy());
  Snapshot reloaded = healthy();
  reloaded.daemon(DaemonKind::lbd).pid = 11;
  reloaded.daemon(DaemonKind::lbd).generation = 11;
  const auto news = events.compare(reloaded);
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].kind, EventKind::reload_succeeded);
  EXPECT_EQ(news[0].text, "lbd: process 11 follows 10");
}

TEST(Events, ReloadsThatFailedAreToldOnce) {
  Events events;
  Snapshot s = healthy();
  s.lbd_reloads.failed = 3;
  EXPECT_THAT(events.compare(s), IsEmpty()) << "of before us";
  s.lbd_reloads.failed = 4;
  s.lbd_reloads.why = "no such word";
  const auto news = events.compare(s);
  EXPECT_THAT(texts(news), ElementsAre("lbd: a configuration is not used, the one before it goes on: no such word"));
  EXPECT_EQ(news[0].kind, EventKind::reload_failed);
  EXPECT_EQ(news[0].object, "lbd");
  EXPECT_THAT(events.compare(s), IsEmpty());
  // The next one failed as well, and the one behind it did not: the process that follows knows of both.
  s.lbd_reloads.failed = 5;
  s.lbd_reloads.why = "";
  s.daemon(DaemonKind::lbd).pid = s.daemon(DaemonKind::lbd).generation = 11;
  EXPECT_THAT(texts(events.compare(s)),
              ElementsAre("lbd: a configuration is not used, the one before it goes on", "lbd: process 11 follows 10"));
  s.lbd_reloads.failed = 0;
  s.vrrpd_reloads.failed = s.vrrpd_reloads.succeeded = 1;
  EXPECT_THAT(texts(events.compare(s)), ElementsAre("vrrpd: a configuration is not used, the one before it goes on",
                                                    "vrrpd has another configuration"));
}

TEST(Events, EachTransitionIsToldHoweverShort) {
  Events events;
  Snapshot s = healthy();
  s.transitions = {{"VI_1", "at the start", VrrpState::backup, 1}};
  EXPECT_THAT(events.compare(s), IsEmpty()) << "how things are";
  s.transitions = {{"VI_1", "silence", VrrpState::master, 5'000'000},
                   {"VI_1", "another one", VrrpState::backup, 6'000'000},
                   {"VI_1", "once more", VrrpState::backup, 7'000'000},
                   {"VI_9", "nobody knows it", VrrpState::master, 8'000'000}};
  const auto news = events.compare(s);
  EXPECT_THAT(texts(news), ElementsAre("virtual router VI_1: BACKUP -> MASTER: silence",
                                       "virtual router VI_1: MASTER -> BACKUP: another one"));
  EXPECT_EQ(news[0].time_us, 5'000'000) << "when it was";
  s.transitions = {{"VI_1", "its end", VrrpState::initialize, 9'000'000}};
  s.daemon(DaemonKind::vrrpd).up = false;
  s.routers.clear();
  EXPECT_EQ(events.compare(s).back().text, "virtual router VI_1: BACKUP -> INIT: its end") << "its last word";
}

TEST(Events, ManyServersAtOnceAreOneEvent) {
  Events events;
  Snapshot s = healthy(Events::kMass + 1);
  events.compare(s);
  for (Server& server : s.servers) bring_down(server);
  const auto news = events.compare(s);
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].kind, EventKind::mass_change);
  EXPECT_EQ(news[0].text, "101 servers went down, 0 came up");
}

TEST(Events, SyncIsLostAndRestored) {
  Events events;
  Snapshot s = healthy();
  events.compare(s);
  s.nodes[0].in_sync = false;
  s.nodes[0].state = "down";
  EXPECT_EQ(events.compare(s).at(0).kind, EventKind::sync_lost);
  s.nodes[0].in_sync = true;
  EXPECT_EQ(events.compare(s).at(0).kind, EventKind::sync_restored);
}

TEST(Events, LimitsAreToldOnce) {
  Events events;
  Snapshot s = healthy();
  StickTable table;
  table.name = "t";
  table.size = 100;
  s.tables.push_back(table);
  s.process.max_connections = 10;
  events.compare(s);
  s.tables[0].used = 95;
  s.process.connections = 10;
  const auto news = events.compare(s);
  ASSERT_EQ(news.size(), 2u);
  EXPECT_EQ(news[0].kind, EventKind::connection_limit);
  EXPECT_EQ(news[1].kind, EventKind::table_full);
  EXPECT_THAT(events.compare(s), IsEmpty());
}

TEST(Events, CertificatesAreToldOnceForEachLimit) {
  Events events;
  Snapshot s = healthy();
  Certificate one;
  one.path = "/x.pem";
  one.used = true;
  one.not_after = s.unix_now() + 40 * 86400;
  s.certificates.push_back(one);
  EXPECT_THAT(events.compare(s), IsEmpty());
  const auto in_days = [&](int days) {
    s.certificates[0].not_after = s.unix_now() + days * 86400;
    return texts(events.compare(s));
  };
  EXPECT_THAT(in_days(29), ElementsAre("certificate /x.pem expires in 29 days"));
  EXPECT_THAT(in_days(20), IsEmpty());
  EXPECT_THAT(in_days(5), ElementsAre("certificate /x.pem expires in 5 days"));
  EXPECT_THAT(in_days(-2), ElementsAre("certificate /x.pem has expired"));
  EXPECT_THAT(in_days(-3), IsEmpty());
  EXPECT_THAT(in_days(300), IsEmpty()) << "renewed";
  EXPECT_THAT(in_days(2), ElementsAre("certificate /x.pem expires in 2 days"));
}

TEST(Events, TheLatestAreKept) {
  Events events;
  Snapshot s = healthy();
  events.compare(s);
  for (size_t i = 0; i < Events::kKept + 10; ++i) {
    s.nodes[0].in_sync = !s.nodes[0].in_sync;
    events.compare(s);
  }
  EXPECT_EQ(events.latest().size(), Events::kKept);
  EXPECT_EQ(events.latest().back().sequence, Events::kKept + 10);
}

}  // namespace
}  // namespace snmp
