#include "snmp/proxy_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snmp {
namespace {

using testing::ElementsAre;

// Columns in another order than lbd's, one that nobody knows, and fields in quotes.
constexpr std::string_view kStat =
    "# pxname,svname,type,scur,stot,new_one,status,mode,addr,check_status,last_chk,bck,algo\n"
    "web,FRONTEND,0,3,5000000000,?,OPEN,http,,,,,,\n"
    "app,s2,2,0,0,?,MAINT,http,127.0.0.1:2,,,0,,\n"
    "app,s1,2,1,7,?,DOWN 1/2,http,127.0.0.1:1,* L7STS,\"say \"\"no\"\", and go\",1,,\n"
    "app,BACKEND,1,4,9,?,UP,http,,,,,roundrobin,\n"
    "web,sock-1,3,2,1,?,OPEN,http,127.0.0.1:80,,,,,\n"
    "half a line\n\n";

TEST(ProxyReader, ReadsStatByTheNamesOfItsColumns) {
  Indices indices;
  Snapshot snapshot;
  ASSERT_TRUE(read_stat(kStat, indices, snapshot));
  ASSERT_EQ(snapshot.frontends.size(), 1u);
  EXPECT_EQ(snapshot.frontends[0].name, "web");
  EXPECT_EQ(snapshot.frontends[0][Figure::stot], 5'000'000'000);
  EXPECT_EQ(snapshot.frontends[0].status, Status::up);
  EXPECT_EQ(snapshot.frontends[0].mode, Mode::http);
  ASSERT_EQ(snapshot.servers.size(), 2u);
  const Server& down = snapshot.servers[0];
  EXPECT_EQ(down.name, "s1");
  EXPECT_EQ(down.backend_name, "app");
  EXPECT_EQ(down.status, Status::down);
  EXPECT_EQ(down.check, CheckResult::failed);
  EXPECT_EQ(down.check_text, "say \"no\", and go");
  EXPECT_EQ(down[Figure::bck], 1);
  EXPECT_EQ(snapshot.servers[1].status, Status::maintenance);
  EXPECT_EQ(snapshot.servers[1].check, CheckResult::none);
  ASSERT_EQ(snapshot.backends.size(), 1u);
  EXPECT_EQ(snapshot.backends[0].servers, 2u);
  EXPECT_EQ(snapshot.backends[0].servers_down, 2u);
  EXPECT_EQ(snapshot.backends[0].algorithm, "roundrobin");
  EXPECT_EQ(down.backend, snapshot.backends[0].index);
  ASSERT_EQ(snapshot.listeners.size(), 1u);
  EXPECT_EQ(snapshot.listeners[0].frontend, snapshot.frontends[0].index);
}

TEST(ProxyReader, TakesARefusalForNothing) {
  Indices indices;
  Snapshot snapshot;
  EXPECT_FALSE(read_stat("Permission denied\n", indices, snapshot));
  EXPECT_FALSE(read_stat("", indices, snapshot));
  EXPECT_FALSE(read_info("Permission denied\n", snapshot));
  EXPECT_FALSE(snapshot.daemon(DaemonKind::lbd).up);
  EXPECT_FALSE(read_tables("Permission denied\n", indices, snapshot));
}

TEST(ProxyReader, ReadsInfo) {
  Snapshot snapshot;
  ASSERT_TRUE(
      read_info("Name: HAProxy\nVersion: 1\nPid: 77\nUptime_sec: 12\nnode: lb1\nCurrConns: 3\nMaxconn: 9\n", snapshot));
  EXPECT_EQ(snapshot.daemon(DaemonKind::lbd).pid, 77u);
  EXPECT_TRUE(snapshot.daemon(DaemonKind::lbd).up);
  EXPECT_EQ(snapshot.daemon(DaemonKind::lbd).uptime, 12);
  EXPECT_EQ(snapshot.node, "lb1");
  EXPECT_EQ(snapshot.process.connections, 3);
  EXPECT_EQ(snapshot.process.max_connections, 9);
}

TEST(ProxyReader, ReadsTables) {
  Indices indices;
  Snapshot snapshot;
  ASSERT_TRUE(read_tables("# table: app, type: ip, size:102400, used:3\n# table: b, type: string, size:5, used:0\n\n",
                          indices, snapshot));
  ASSERT_EQ(snapshot.tables.size(), 2u);
  EXPECT_EQ(snapshot.tables[0].name, "app");
  EXPECT_EQ(snapshot.tables[0].type, "ip");
  EXPECT_EQ(snapshot.tables[0].size, 102400);
  EXPECT_EQ(snapshot.tables[0].used, 3);
}

TEST(ProxyReader, ReadsCertificates) {
  EXPECT_THAT(read_certificate_list("# transaction\n*/a/new.pem\n# filename\n/a/x.pem\n/b/y.pem\n\n"),
              ElementsAre("/a/x.pem", "/b/y.pem"));
  EXPECT_THAT(read_certificate_list("Permission denied\n"), ElementsAre());
  Certificate one;
  ASSERT_TRUE(
      read_certificate("Filename: /a/x.pem\nStatus: Used\nSerial: 0A\nnotBefore: Nov  2 11:04:45 2026 GMT\n"
                       "notAfter: Dec 22 11:04:45 2026 GMT\nSubject: /CN=x\nIssuer: /CN=ca\n"
                       "OCSP Response Key: \n",
                       one));
  EXPECT_EQ(one.subject, "/CN=x");
  EXPECT_TRUE(one.used);
  EXPECT_EQ(one.ocsp_key, "");
  EXPECT_EQ(one.ocsp, Certificate::Ocsp::none);
  EXPECT_EQ(one.not_before, 1793617485);
  EXPECT_EQ(one.not_after, 1797937485);
  EXPECT_EQ(one.days_left(1797937485 - 86400), 1);
  EXPECT_EQ(one.days_left(1797937485 - 86399), 0);
  EXPECT_EQ(one.days_left(1797937486), -1);
  EXPECT_EQ(parse_certificate_time("yesterday"), 0);
}

TEST(ProxyReader, ReadsAnswersOfOcsp) {
  using Ocsp = Certificate::Ocsp;
  const auto state = [](std::string_view status, int64_t now) {
    Certificate one;
    const std::string text = "Certificate ID:\n  Serial Number: 0A\n    Cert Status: " + std::string(status) +
                             "\n    This Update: Nov  2 11:04:45 2026 GMT\n    Next Update: Nov  9 11:04:45 2026 GMT\n";
    EXPECT_TRUE(read_ocsp(text, now, one));
    EXPECT_EQ(one.ocsp_next_update, 1794222285);
    return one.ocsp;
  };
  EXPECT_EQ(state("good", 1794222284), Ocsp::good);
  EXPECT_EQ(state("good", 1794222286), Ocsp::expired);
  EXPECT_EQ(state("revoked", 1), Ocsp::revoked);
  EXPECT_EQ(state("unknown", 1), Ocsp::unknown);
  Certificate one;
  EXPECT_FALSE(read_ocsp("Certificate ID not found\n", 1, one));
  EXPECT_EQ(one.ocsp, Ocsp::none);
}

TEST(ProxyReader, ReadsNumbersOfTheConfiguration) {
  const auto ids =
      read_ids("proxy web 77\nlistener web/first 2\nserver app/s1 5\nserver x 5\nproxy y 0\nproxy z -1\n\n");
  ASSERT_EQ(ids.size(), 4u);
  EXPECT_EQ(ids[0].scope, "frontend");
  EXPECT_EQ(ids[1].scope, "backend");
  EXPECT_EQ(ids[1].name, "web");
  EXPECT_EQ(ids[1].number, 77u);
  EXPECT_EQ(ids[2].scope, "listener web");
  EXPECT_EQ(ids[2].name, "first");
  EXPECT_EQ(ids[3].scope, "server app");
  EXPECT_EQ(ids[3].number, 5u);
  EXPECT_TRUE(read_ids("Unknown command: 'show ids'\n").empty());
}

TEST(ProxyReader, ReadsReloads) {
  Snapshot snapshot;
  ASSERT_TRUE(read_reloads("failed: 2\nlast: 22/Nov/2026:11:00:00.000 no such word: a b\n", snapshot));
  EXPECT_EQ(snapshot.lbd_reloads.failed, 2);
  EXPECT_EQ(snapshot.lbd_reloads.why, "no such word: a b");
  EXPECT_FALSE(read_reloads("Unknown command\n", snapshot));
}

TEST(ProxyReader, SeesWhenAStateChanges) {
  const std::string before = digest_of_states("# pxname,svname,status,act,scur\napp,BACKEND,UP,2,7\n");
  EXPECT_EQ(digest_of_states("# pxname,svname,status,act,scur\napp,BACKEND,UP,2,9\n"), before);
  EXPECT_NE(digest_of_states("# pxname,svname,status,act,scur\napp,BACKEND,UP,1,7\n"), before);
  EXPECT_EQ(digest_of_states("no\n"), "");
}

}  // namespace
}  // namespace snmp
