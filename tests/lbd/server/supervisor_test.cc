#include "lbd/server/supervisor.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lbd/server/operator.h"

namespace lbd::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct Heard final : EventSink, Checker {
  void event(const Backend&, base::Level level, const std::string& text) override {
    lines.push_back(fmt::format("{}: {}", base::level_name(level), text));
  }
  void shutdown_sessions(Server& server) override { shut.push_back(server.name()); }
  void check_soon(Server& server) override { soon.push_back(server.name()); }
  void hurry(Server& server) override { hurried.push_back(server.name()); }
  void address_changed(Server& server) override { moved.push_back(server.name()); }
  void address_in_doubt(Server& server) override { doubted.push_back(server.name()); }
  std::vector<std::string> lines, shut, soon, hurried, moved, doubted;
};

// The expected lines are those that HAProxy 2.6.12 wrote in the same situation.
class SupervisorTest : public testing::Test {
 protected:
  config::Proxy& backend(const std::string& name) {
    config_.proxies.push_back(std::make_unique<config::Proxy>());
    config::Proxy& proxy = *config_.proxies.back();
    proxy.name = name;
    proxy.backend = true;
    return proxy;
  }
  config::Server& line(config::Proxy& proxy, const std::string& name) {
    auto& line = proxy.servers.emplace_back(std::make_unique<config::Server>());
    line->name = name;
    line->check.enabled = true;
    line->check.rise = line->check.fall = 2;
    line->address = base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 80});
    return *line;
  }
  void start() {
    objects_ = std::make_unique<Objects>(config_, 1000);
    supervisor_ = std::make_unique<Supervisor>(*objects_, heard_);
    supervisor_->set_checker(&heard_);
    operator_.set_supervisor(supervisor_.get());
  }
  Server& server(const std::string& backend, const std::string& name) {
    return *objects_->find_backend(backend)->find_server(name);
  }
  void report(Server& server, CheckStatus status, CheckResult result, int code = -1, const char* detail = "") {
    CheckReport report;
    report.status = status;
    report.result = result;
    report.code = code;
    report.detail = detail;
    report.duration = 0ms;
    supervisor_->checked(server, report, now_);
  }
  void refuse(Server& server) {
    report(server, CheckStatus::l4_refused, CheckResult::failed, -1, "Connection refused");
  }
  void accept(Server& server) { report(server, CheckStatus::l4_ok, CheckResult::passed); }
  std::vector<std::string> heard() { return std::exchange(heard_.lines, {}); }

  config::Config config_;
  std::unique_ptr<Objects> objects_;
  Heard heard_;
  std::unique_ptr<Supervisor> supervisor_;
  Operator operator_;
  base::MonoTime now_{100s};
};

TEST_F(SupervisorTest, DownAndUpByChecks) {
  config::Proxy& b = backend("b");
  line(b, "s1"), line(b, "s2");
  line(b, "s3").backup = true;
  start();
  Server &s1 = server("b", "s1"), &s2 = server("b", "s2"), &s3 = server("b", "s3");
  for (Server* s : {&s1, &s2, &s3}) accept(*s);
  EXPECT_THAT(heard(), IsEmpty());
  refuse(s1);
  EXPECT_THAT(heard(), IsEmpty());
  refuse(s1);
  EXPECT_THAT(heard(), ElementsAre("alert: Server b/s1 is DOWN, reason: Layer4 connection problem, info: \"Connection "
                                   "refused\", check duration: 0ms. 1 active and 1 backup servers left. 0 sessions "
                                   "active, 0 requeued, 0 remaining in queue."));
  refuse(s2), refuse(s2);
  EXPECT_THAT(heard(), ElementsAre("alert: Server b/s2 is DOWN, reason: Layer4 connection problem, info: \"Connection "
                                   "refused\", check duration: 0ms. 0 active and 1 backup servers left. Running on "
                                   "backup. 0 sessions active, 0 requeued, 0 remaining in queue."));
  refuse(s3), refuse(s3);
  EXPECT_THAT(heard(), ElementsAre("alert: Backup Server b/s3 is DOWN, reason: Layer4 connection problem, info: "
                                   "\"Connection refused\", check duration: 0ms. 0 active and 0 backup servers left. 0 "
                                   "sessions active, 0 requeued, 0 remaining in queue.",
                                   "emerg: backend b has no server available!"));
  accept(s3), accept(s3), accept(s1), accept(s1);
  EXPECT_THAT(heard(), ElementsAre("notice: Backup Server b/s3 is UP, reason: Layer4 check passed, check duration: "
                                   "0ms. 0 active and 1 backup servers online. Running on backup. 0 sessions requeued, "
                                   "0 total in queue.",
                                   "notice: Server b/s1 is UP, reason: Layer4 check passed, check duration: 0ms. 1 "
                                   "active and 1 backup servers online. 0 sessions requeued, 0 total in queue."));
  EXPECT_EQ(s1.health.failed, 2u);
  EXPECT_EQ(s1.health.went_down, 1u);
}

TEST_F(SupervisorTest, TrafficThatFails) {
  config::Proxy& b = backend("b");
  for (const char* mode : {"", "fastinter", "fail-check", "sudden-death", "mark-down"}) {
    config::Server& s = line(b, *mode ? mode : "usual");
    s.on_error = mode;
    s.error_limit = 7;
    s.check.fall = 3;
  }
  start();
  const auto& servers = objects_->find_backend("b")->servers();
  for (const auto& s : servers) accept(*s);
  const auto states = [&] {
    std::string all;
    for (const auto& s : servers) all += fmt::format("{}{} ", s->up() ? "" : "-", s->health.health);
    return all;
  };
  EXPECT_EQ(states(), "4 4 4 4 4 ");
  for (const auto& s : servers) supervisor_->traffic_failed(*s, "Wrong http response", now_);
  EXPECT_EQ(states(), "3 4 3 2 -0 ");
  EXPECT_THAT(heard(), ElementsAre("alert: Server b/mark-down is DOWN, reason: Health analyze, info: \"Detected 7 "
                                   "consecutive errors, last one was: Wrong http response\". 4 active and 0 backup "
                                   "servers left. 0 sessions active, 0 requeued, 0 remaining in queue."));
  EXPECT_THAT(heard_.hurried, ElementsAre("usual", "fastinter", "fail-check", "sudden-death", "mark-down"));
  for (const auto& s : servers) {
    EXPECT_EQ(s->health.traffic_errors, 1u);
    EXPECT_EQ(s->health.failed, s->name() == "fastinter" ? 0u : 1u) << s->name();
  }
  operator_.set_state(*servers[3], OperatorState::maint);
  heard_.hurried.clear();
  supervisor_->traffic_failed(*servers[3], "Wrong http response", now_);
  EXPECT_EQ(servers[3]->health.traffic_errors, 2u);
  EXPECT_EQ(servers[3]->health.failed, 1u) << "in maintenance nothing changes";
  EXPECT_THAT(heard_.hurried, IsEmpty());
}

TEST_F(SupervisorTest, InitState) {
  config::Proxy& b = backend("b");
  for (const char* state : {"up", "down", "fully-up", "fully-down"}) line(b, state).init_state = state;
  config::Server& unchecked = line(b, "unchecked");
  unchecked.init_state = "down";
  unchecked.check.enabled = false;
  start();
  EXPECT_THAT(heard(), IsEmpty()) << "nothing has happened yet";
  EXPECT_TRUE(server("b", "up").up());
  EXPECT_TRUE(server("b", "fully-up").up());
  EXPECT_FALSE(server("b", "down").up());
  EXPECT_FALSE(server("b", "fully-down").up());
  EXPECT_TRUE(server("b", "unchecked").up()) << "who would say so";
  EXPECT_EQ(server("b", "down").downtime.went_down, 0u);

  accept(server("b", "down"));
  accept(server("b", "fully-down"));
  refuse(server("b", "up"));
  refuse(server("b", "fully-up"));
  EXPECT_TRUE(server("b", "down").up());
  EXPECT_FALSE(server("b", "fully-down").up());
  EXPECT_FALSE(server("b", "up").up());
  EXPECT_TRUE(server("b", "fully-up").up());
  accept(server("b", "fully-down"));
  refuse(server("b", "fully-up"));
  EXPECT_TRUE(server("b", "fully-down").up());
  EXPECT_FALSE(server("b", "fully-up").up());

  // It counts again behind maintenance.
  operator_.set_state(server("b", "fully-down"), OperatorState::maint);
  operator_.set_state(server("b", "fully-down"), OperatorState::ready);
  EXPECT_FALSE(server("b", "fully-down").up());
  accept(server("b", "fully-down"));
  EXPECT_FALSE(server("b", "fully-down").up());
  accept(server("b", "fully-down"));
  EXPECT_TRUE(server("b", "fully-down").up());
}

TEST_F(SupervisorTest, LogHealthChecks) {
  config::Proxy& b = backend("b");
  b.options.set(static_cast<size_t>(config::Option::log_health_checks));
  line(b, "s1");
  start();
  Server& s1 = server("b", "s1");
  report(s1, CheckStatus::l7_ok, CheckResult::passed, 200);
  EXPECT_THAT(heard(), ElementsAre("notice: Health check for server b/s1 succeeded, reason: Layer7 check passed, code: "
                                   "200, check duration: 0ms, status: 2/2 UP."));
  report(s1, CheckStatus::l7_ok, CheckResult::passed, 302);
  EXPECT_THAT(heard(), IsEmpty());
  report(s1, CheckStatus::l7_conditional, CheckResult::conditional, 404);
  EXPECT_THAT(heard(),
              ElementsAre("notice: Health check for server b/s1 conditionally succeeded, reason: Layer7 check "
                          "conditionally passed, code: 404, check duration: 0ms, status: 2/2 UP.",
                          "notice: Server b/s1 is stopping. 0 active and 0 backup servers online. 0 sessions requeued, "
                          "0 total in queue.",
                          "emerg: backend b has no server available!"));
  report(s1, CheckStatus::l7_status, CheckResult::failed, 503, "X");
  report(s1, CheckStatus::l7_status, CheckResult::failed, 503, "X");
  EXPECT_THAT(heard(), ElementsAre("notice: Health check for server b/s1 failed, reason: Layer7 wrong status, code: "
                                   "503, info: \"X\", check duration: 0ms, status: 1/2 UP.",
                                   "notice: Health check for server b/s1 failed, reason: Layer7 wrong status, code: "
                                   "503, info: \"X\", check duration: 0ms, status: 0/2 DOWN.",
                                   "notice: Server b/s1 is DOWN. 0 active and 0 backup servers left. 0 sessions "
                                   "active, 0 requeued, 0 remaining in queue."));
  report(s1, CheckStatus::l7_status, CheckResult::failed, 503, "X");
  report(s1, CheckStatus::l7_conditional, CheckResult::conditional, 404);
  EXPECT_THAT(heard(), IsEmpty());
  report(s1, CheckStatus::l7_ok, CheckResult::passed, 200);
  EXPECT_THAT(heard(), ElementsAre("notice: Health check for server b/s1 succeeded, reason: Layer7 check passed, code: "
                                   "200, check duration: 0ms, status: 1/2 DOWN."));
}

TEST_F(SupervisorTest, AdministrativeStates) {
  config::Proxy& b = backend("b");
  line(b, "s1"), line(b, "s2");
  start();
  Server &s1 = server("b", "s1"), &s2 = server("b", "s2");
  auto set = [&](Server& s, OperatorState state) {
    operator_.set_state(s, state);
    return heard();
  };
  EXPECT_THAT(set(s1, OperatorState::drain),
              ElementsAre("notice: Server b/s1 enters drain state. 1 active and 0 backup "
                          "servers online. 0 sessions requeued, 0 total in queue."));
  EXPECT_THAT(set(s1, OperatorState::ready), ElementsAre("notice: Server b/s1 is UP (leaving forced drain)."));
  EXPECT_THAT(set(s1, OperatorState::maint),
              ElementsAre("alert: Server b/s1 is going DOWN for maintenance. 1 active and 0 backup servers left. 0 "
                          "sessions active, 0 requeued, 0 remaining in queue."));
  EXPECT_THAT(heard_.soon, IsEmpty());
  EXPECT_THAT(set(s1, OperatorState::ready),
              ElementsAre("notice: Server b/s1 is UP/READY (leaving forced maintenance)."));
  EXPECT_THAT(heard_.soon, ElementsAre("s1"));
  set(s2, OperatorState::maint);
  EXPECT_THAT(set(s1, OperatorState::maint),
              ElementsAre("alert: Server b/s1 is going DOWN for maintenance. 0 active and 0 backup servers left. 0 "
                          "sessions active, 0 requeued, 0 remaining in queue.",
                          "emerg: backend b has no server available!"));
  EXPECT_THAT(set(s1, OperatorState::drain),
              ElementsAre("notice: Server b/s1 is UP/DRAIN (leaving forced maintenance).",
                          "notice: Server b/s1 remains in forced drain mode."));
  EXPECT_THAT(set(s1, OperatorState::maint),
              ElementsAre("notice: Server b/s1 is going DOWN for maintenance. 0 active and 0 backup servers left. 0 "
                          "sessions active, 0 requeued, 0 remaining in queue."));
  EXPECT_THAT(set(s1, OperatorState::maint), IsEmpty());
  set(s1, OperatorState::ready);
  refuse(s1);  // health is `rise` after maintenance: one failure suffices
  heard();
  EXPECT_THAT(set(s1, OperatorState::drain),
              ElementsAre("notice: Server b/s1 enters drain state. 0 active and 0 backup servers left. 0 sessions "
                          "active, 0 requeued, 0 remaining in queue."));
  operator_.set_weight(s1, 7);
  EXPECT_THAT(heard(), ElementsAre("notice: Server b/s1 remains in forced drain mode."));
  EXPECT_THAT(set(s1, OperatorState::maint), ElementsAre("notice: Server b/s1 was DOWN and now enters maintenance."));
}

TEST_F(SupervisorTest, HealthByHand) {
  config::Proxy& b = backend("b");
  line(b, "s1"), line(b, "s2");
  start();
  Server& s2 = server("b", "s2");
  ASSERT_TRUE(supervisor_->set_health(s2, Operational::stopped, now_));
  EXPECT_THAT(heard(), ElementsAre("alert: Server b/s2 is DOWN, changed from CLI. 1 active and 0 backup servers left. "
                                   "0 sessions active, 0 requeued, 0 remaining in queue."));
  ASSERT_TRUE(supervisor_->set_health(s2, Operational::stopping, now_));
  EXPECT_THAT(heard(), ElementsAre("notice: Server b/s2 is stopping, changed from CLI. 1 active and 0 backup servers "
                                   "online. 0 sessions requeued, 0 total in queue."));
  ASSERT_TRUE(supervisor_->set_health(s2, Operational::running, now_));
  EXPECT_THAT(heard(), ElementsAre("notice: Server b/s2 is UP, changed from CLI. 2 active and 0 backup servers online. "
                                   "0 sessions requeued, 0 total in queue."));
  EXPECT_EQ(s2.health.health, 3u);
  operator_.set_state(s2, OperatorState::drain);
  heard();
  ASSERT_TRUE(supervisor_->set_health(s2, Operational::stopped, now_));
  EXPECT_THAT(heard(), ElementsAre("notice: Server b/s2 is DOWN, changed from CLI. 1 active and 0 backup servers left. "
                                   "0 sessions active, 0 requeued, 0 remaining in queue.",
                                   "notice: Server b/s2 remains in forced drain mode."));
}

TEST_F(SupervisorTest, FollowersOfATrackedServer) {
  config::Proxy& b = backend("b");
  line(b, "s1");
  config::Proxy& t = backend("t");
  line(t, "t1").track = "b/s1";
  line(t, "t2").track = "b/s1";
  t.servers[1]->backup = true;
  for (auto& follower : t.servers) follower->check.enabled = false;
  start();
  Server &s1 = server("b", "s1"), &t1 = server("t", "t1");
  refuse(s1);
  EXPECT_EQ(heard_.lines.size(), 5u);
  EXPECT_THAT(heard()[2],
              "alert: Backup Server t/t2 is DOWN via b/s1. 1 active and 0 backup servers left. 0 sessions "
              "active, 0 requeued, 0 remaining in queue.");
  auto set = [&](Server& s, OperatorState state) {
    operator_.set_state(s, state);
    return heard();
  };
  EXPECT_THAT(set(s1, OperatorState::maint),
              ElementsAre("notice: Server b/s1 was DOWN and now enters maintenance.",
                          "notice: Backup Server t/t2 was DOWN and now enters maintenance via b/s1.",
                          "notice: Server t/t1 was DOWN and now enters maintenance via b/s1."));
  EXPECT_EQ(t1.admin(), kInheritedMaintenance);
  EXPECT_THAT(set(s1, OperatorState::ready),
              ElementsAre("notice: Server b/s1 is UP/READY (leaving forced maintenance).",
                          "notice: Backup Server t/t2 is UP/READY (leaving maintenance).",
                          "notice: Server t/t1 is UP/READY (leaving maintenance)."));
  set(s1, OperatorState::drain);
  EXPECT_THAT(set(t1, OperatorState::ready), IsEmpty());
  EXPECT_THAT(set(t1, OperatorState::drain), ElementsAre("notice: Server t/t1 remains in forced drain mode."));
  EXPECT_THAT(set(s1, OperatorState::ready), ElementsAre("notice: Server b/s1 is UP (leaving forced drain).",
                                                         "notice: Backup Server t/t2 is UP (leaving forced drain).",
                                                         "notice: Server t/t1 remains in forced drain mode."));
  set(s1, OperatorState::maint);
  EXPECT_THAT(set(t1, OperatorState::maint), IsEmpty());
  EXPECT_THAT(set(s1, OperatorState::ready),
              ElementsAre("notice: Server b/s1 is UP/READY (leaving forced maintenance).",
                          "notice: Backup Server t/t2 is UP/READY (leaving maintenance).",
                          "notice: Server t/t1 remains in forced maintenance."));
  EXPECT_THAT(set(t1, OperatorState::ready),
              ElementsAre("notice: Server t/t1 is UP/READY (leaving forced maintenance)."));
  base::Status refused = supervisor_->set_health(t1, Operational::stopped, now_);
  EXPECT_EQ(refused.error().text, "cannot change health on a tracking server.");
  refuse(s1);
  heard();
  accept(s1), accept(s1);
  EXPECT_THAT(heard(), ElementsAre(testing::HasSubstr("Server b/s1 is UP, reason"),
                                   "notice: Backup Server t/t2 is UP via b/s1. 0 active and 1 backup servers online. "
                                   "Running on backup. 0 sessions requeued, 0 total in queue.",
                                   "notice: Server t/t1 is UP via b/s1. 1 active and 1 backup servers online. 0 "
                                   "sessions requeued, 0 total in queue."));
}

TEST_F(SupervisorTest, DisabledInTheFile) {
  config::Proxy& b = backend("b");
  line(b, "s1").disabled = true;
  config::Server& follower = line(b, "s2");
  follower.track = "s1";
  follower.check.enabled = false;
  start();
  EXPECT_THAT(heard(), IsEmpty());
  EXPECT_EQ(server("b", "s2").admin(), kInheritedMaintenance);
  EXPECT_FALSE(server("b", "s2").up());
  operator_.set_state(server("b", "s1"), OperatorState::ready);
  EXPECT_EQ(server("b", "s1").admin(), kConfigMaintenance);
  EXPECT_TRUE(server("b", "s1").up());
  EXPECT_TRUE(server("b", "s2").up());
}

TEST_F(SupervisorTest, SlowstartGrowsLinearly) {
  config::Proxy& b = backend("b");
  config::Server& slow = line(b, "s1");
  slow.slowstart = 10s;
  slow.maxconn = 100;
  slow.weight = 10;
  start();
  Server& s1 = server("b", "s1");
  accept(s1);
  EXPECT_EQ(s1.ramp_percent(), 100u);  // not at start
  EXPECT_EQ(supervisor_->next_tick(), base::kNever);
  refuse(s1), refuse(s1), accept(s1), accept(s1);
  EXPECT_EQ(s1.operational(), Operational::starting);
  EXPECT_EQ(s1.max_connections(), 1u);
  uint32_t before = 0;
  base::MonoTime start = now_;
  while (supervisor_->next_tick() != base::kNever) {
    now_ = supervisor_->next_tick();
    supervisor_->tick(now_);
    EXPECT_GT(s1.ramp_percent(), before);
    before = s1.ramp_percent();
    if (now_ - start == 5s) {
      EXPECT_EQ(s1.weight(), 80u);
      EXPECT_EQ(s1.max_connections(), 50u);
    }
  }
  EXPECT_EQ(now_ - start, 10s);
  EXPECT_EQ(s1.operational(), Operational::running);
  EXPECT_EQ(s1.weight(), 160u);
}

struct Recorder : Waiter {
  using Waiter::Waiter;
  void granted(Server&) override { got = true; }
  void turned_away() override { away = true; }
  bool got = false, away = false;
};

TEST_F(SupervisorTest, WhoWaitsForAServerThatGoesDownGoesElsewhereIfItMay) {
  config::Proxy& b = backend("b");
  b.redispatch = -1;
  line(b, "s1").maxconn = 1;
  config::Proxy& c = backend("c");
  line(c, "s1").maxconn = 1;
  start();
  base::Loop loop;
  base::Mailbox mailbox(loop);
  Recorder goes(mailbox), stays(mailbox);
  server("b", "s1").queue().push(goes);
  server("c", "s1").queue().push(stays);
  refuse(server("b", "s1")), refuse(server("c", "s1"));
  EXPECT_THAT(heard(), ElementsAre(testing::HasSubstr("1 requeued, 0 remaining"), testing::_,
                                   testing::HasSubstr("0 requeued, 1 remaining"), testing::_));
  loop.run_nowait();
  EXPECT_TRUE(goes.away);
  EXPECT_FALSE(stays.away);
  EXPECT_TRUE(server("c", "s1").queue().leave(stays));
}

TEST_F(SupervisorTest, MarkedDownAndUpEndSessions) {
  config::Proxy& b = backend("b");
  config::Server& s1 = line(b, "s1");
  s1.on_marked_down = "shutdown-sessions";
  s1.on_marked_up = "shutdown-backup-sessions";
  line(b, "s2").backup = true;
  start();
  refuse(server("b", "s1"));
  EXPECT_THAT(heard_.shut, ElementsAre("s1"));
  accept(server("b", "s1")), accept(server("b", "s1"));
  EXPECT_THAT(heard_.shut, ElementsAre("s1", "s2"));
}

TEST_F(SupervisorTest, AddressByHand) {
  config::Proxy& b = backend("b");
  line(b, "s1");
  start();
  Server& s1 = server("b", "s1");
  auto set = [&](const char* ip, const char* port) {
    auto said = supervisor_->set_address(s1, ip, port, "stats socket command");
    return said ? *said : said.error().text;
  };
  EXPECT_EQ(set("127.0.0.2", "81"),
            "IP changed from '127.0.0.1' to '127.0.0.2', port changed from '80' to '81' by 'stats socket command'");
  EXPECT_EQ(s1.address().to_string(), "127.0.0.2:81");
  EXPECT_EQ(set("127.0.0.2", "81"), "no need to change the addr, no need to change the port by 'stats socket command'");
  EXPECT_EQ(set("127.0.0.2", ""), "no need to change the addr by 'stats socket command'");
  EXPECT_EQ(set("::1", "x"),
            "no need to change the addr, problem converting port 'x' to an int by 'stats socket command'");
  EXPECT_EQ(set("::1", ""), "IP changed from '127.0.0.2' to '::1' by 'stats socket command'");
  EXPECT_EQ(s1.address().to_string(), "[::1]:81");
  EXPECT_EQ(set("foo", ""), "Invalid addr 'foo' by 'stats socket command'");
}

TEST_F(SupervisorTest, NamesThatResolveAndThenDoNot) {
  config::Proxy& b = backend("b");
  for (const char* name : {"s1", "s2"}) {
    config::Server& with_name = line(b, name);
    with_name.host = "www.test";
    with_name.address = {};
  }
  b.servers[1]->disabled = true;
  start();
  Server &s1 = server("b", "s1"), &s2 = server("b", "s2");
  EXPECT_FALSE(s1.up());
  const base::IpPort one{base::IpAddr::v4(0x7f000001), 80}, two{base::IpAddr::v4(0x7f000002), 80};
  supervisor_->resolved(s1, one, "mydns/dns1");
  supervisor_->name_found(s1, true, now_);
  EXPECT_THAT(heard(), ElementsAre("notice: b/s1 changed its IP from (none) to 127.0.0.1 by mydns/dns1.",
                                   "notice: Server b/s1 ('www.test') is UP/READY (resolves again).",
                                   "notice: Server b/s1 administratively READY thanks to valid DNS answer."));
  EXPECT_TRUE(s1.up());
  supervisor_->resolved(s1, one, "mydns/dns1");
  supervisor_->name_found(s1, true, now_);
  EXPECT_THAT(heard(), IsEmpty());
  EXPECT_EQ(heard_.moved, std::vector<std::string>{"s1"});
  supervisor_->resolved(s1, two, "DNS cache");
  EXPECT_THAT(heard(), ElementsAre("notice: b/s1 changed its IP from 127.0.0.1 to 127.0.0.2 by DNS cache."));
  EXPECT_EQ(heard_.moved.size(), 2u);

  supervisor_->resolved(s2, one, "DNS cache");
  supervisor_->name_found(s2, false, now_);
  EXPECT_THAT(heard(), ElementsAre("notice: b/s2 changed its IP from (none) to 127.0.0.1 by DNS cache.",
                                   "notice: Server b/s2 ('www.test') resolves again but remains in maintenance."));

  supervisor_->name_lost(s1, "DNS NX status", now_);
  EXPECT_THAT(heard(),
              ElementsAre("alert: Server b/s1 is going DOWN for maintenance (DNS NX status). 0 active and 0 backup "
                          "servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
                          "emerg: backend b has no server available!"));
  supervisor_->name_lost(s1, "DNS NX status", now_);
  supervisor_->name_lost(s2, "DNS NX status", now_);
  EXPECT_THAT(heard(), IsEmpty());
  // Who still needs its address finds the last one.
  EXPECT_FALSE(s1.has_address());
  EXPECT_EQ(s1.address().to_string(), "127.0.0.2:80");
  supervisor_->resolved(s1, two, "mydns/dns1");
  EXPECT_THAT(heard(), ElementsAre("notice: b/s1 changed its IP from (none) to 127.0.0.2 by mydns/dns1."));
}

TEST_F(SupervisorTest, ACheckThatNobodyAnswersPutsTheAddressInDoubt) {
  line(backend("b"), "s1");
  start();
  refuse(server("b", "s1"));
  EXPECT_THAT(heard_.doubted, IsEmpty());
  report(server("b", "s1"), CheckStatus::l4_timeout, CheckResult::failed);
  EXPECT_THAT(heard_.doubted, ElementsAre("s1"));
}

}  // namespace
}  // namespace lbd::server
