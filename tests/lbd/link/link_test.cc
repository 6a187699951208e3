// The ties of an lbd (objects, operator, control loop; no traffic) to peers that the test plays.
#include "lbd/link/link.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "replica/server_state.h"

namespace lbd::link {
namespace {

using namespace replica::server_state;
using server::OperatorState;

// What one lbd process has.
struct Lbd {
  Lbd(base::Loop& loop, const std::string& dir, bool disabled = false, uint32_t weight = 10,
      const std::vector<pid_t>& predecessors = {})
      : mailbox(loop) {
    auto proxy = std::make_unique<config::Proxy>();
    proxy->name = "www";
    proxy->backend = true;
    for (const char* name : {"s1", "s2"}) {
      proxy->servers.push_back(std::make_unique<config::Server>());
      proxy->servers.back()->name = name;
      proxy->servers.back()->weight = weight;
      proxy->servers.back()->disabled = disabled;
    }
    config.proxies.push_back(std::move(proxy));
    config.global.link_socket = dir + "/link.sock";
    config.global.syncd_socket = dir + "/syncd.sock";
    objects = std::make_unique<server::Objects>(config, 100);
    tables = std::make_unique<table::Tables>(config);
    supervisor = std::make_unique<server::Supervisor>(*objects, deaf);
    checks = std::make_unique<check::Scheduler>(loop, config, *objects, *supervisor);
    statistics = std::make_unique<stats::Statistics>(config, *objects, 1);
    link = std::make_unique<Link>(loop,
                                  Subjects{.config = config,
                                           .objects = *objects,
                                           .the_operator = the_operator,
                                           .tables = *tables,
                                           .checks = *checks,
                                           .statistics = *statistics,
                                           .contexts = nullptr,
                                           .patterns = nullptr},
                                  std::vector<base::Mailbox*>{&mailbox}, open_doors(config.global, predecessors),
                                  [this](bool now) { leaving = now; });
  }
  server::Server& server(const char* name) const { return *objects->find_backend("www")->find_server(name); }
  config::Config config;
  base::Mailbox mailbox;
  bool leaving = false;
  server::Operator the_operator;
  std::unique_ptr<server::Objects> objects;
  struct Deaf final : server::EventSink {
    void event(const server::Backend&, base::Level, const std::string&) override {}
    void shutdown_sessions(server::Server&) override {}
  } deaf;
  std::unique_ptr<table::Tables> tables;
  std::unique_ptr<server::Supervisor> supervisor;
  std::unique_ptr<check::Scheduler> checks;
  std::unique_ptr<stats::Statistics> statistics;
  std::unique_ptr<Link> link;
};

// A syncd with one lbd.
class FakeSyncd final : public ipc::ServerEvents, public replica::LinkEvents {
 public:
  FakeSyncd(base::Loop& loop, const std::string& dir)
      : hello_(ipc::make_hello(tandem::ROLE_SYNCD, "1", "lb1")),
        loop_(loop),
        server_(loop, {.hello = hello_, .channel = {}}, *this) {
    CHECK(server_.listen_unix(dir + "/syncd.sock"));
  }
  std::string on_peer(ipc::Peer& peer) override {
    link_ = std::make_unique<replica::Link>(loop_, store, hello_.generation(), *this);
    link_->attach(peer.channel(), peer.hello().generation());
    return "";
  }
  void ask() {
    tandem::Envelope question;
    question.mutable_view_request()->set_number(7);
    server_.broadcast(question);
  }
  tandem::Account account;
  std::vector<tandem::Event> events;
  void on_envelope(ipc::Peer&, const tandem::Envelope& envelope) override {
    if (envelope.has_account()) account = envelope.account();
    for (const tandem::Event& event : envelope.events().events()) events.push_back(event);
    link_->take(envelope);
  }
  void on_writable(ipc::Peer&) override { link_->on_writable(); }
  void on_peer_gone(ipc::Peer&, const std::string&) override { link_.reset(); }
  void on_broken(const std::string& reason) override { broken = reason; }
  void set(const char* server, std::vector<replica::Store::Value> values) {
    EXPECT_TRUE(store.write(key("www", server), values, base::wall_now()));
  }
  std::optional<uint64_t> value(const char* server, uint16_t field) const {
    const replica::Record* record = store.find(key("www", server));
    return record ? record->entry.value(field) : std::nullopt;
  }
  replica::Store store{100, 5};
  std::string broken;

 private:
  tandem::Hello hello_;
  base::Loop& loop_;
  std::unique_ptr<replica::Link> link_;
  ipc::Server server_;
};

struct FakeVrrpd final : ipc::ClientEvents {
  std::string on_up(ipc::Client&, const tandem::Hello& hello) override {
    role = hello.role();
    return "";
  }
  void on_envelope(ipc::Client&, const tandem::Envelope& envelope) override {
    if (envelope.has_proxy_health()) health = envelope.proxy_health();
    if (envelope.has_stats_reply()) rows = envelope.stats_reply().rows_size();
    if (!envelope.has_goodbye()) return;
    goodbye = envelope.goodbye().reason();
    successor = envelope.goodbye().successor();
  }
  void on_down(ipc::Client&, const std::string&) override { ++downs; }
  tandem::Role role = tandem::ROLE_UNKNOWN;
  tandem::ProxyHealth health;
  std::string goodbye;
  int downs = 0, rows = 0;
  bool successor = false;
};

class LinkTest : public testing::Test {
 protected:
  LinkTest() {
    char name[] = "/tmp/tandem-link-XXXXXX";
    dir_ = mkdtemp(name);
  }
  ~LinkTest() override {
    lbd_.reset();
    syncd_.reset();
    EXPECT_EQ(rmdir(dir_.c_str()), 0) << "something was left behind";
  }
  void start_lbd(bool disabled = false, uint32_t weight = 10) {
    lbd_.reset();
    lbd_ = std::make_unique<Lbd>(loop_, dir_, disabled, weight);
    lbd_->link->learn();
    lbd_->link->start();
  }
  void start_syncd() { syncd_ = std::make_unique<FakeSyncd>(loop_, dir_); }
  std::unique_ptr<ipc::Client> connect(FakeVrrpd& events) {
    auto client = std::make_unique<ipc::Client>(loop_,
                                                ipc::ClientOptions{.to = base::SockAddr::unix_path(dir_ + "/link.sock"),
                                                                   .hello = ipc::make_hello(tandem::ROLE_VRRPD, "1"),
                                                                   .channel = {}},
                                                events);
    client->start();
    return client;
  }
  template <typename Until>
  void run_until(Until until) {
    base::MonoTime give_up = base::mono_now() + base::Seconds(10);
    while (!until() && base::mono_now() < give_up) loop_.run_once();
    EXPECT_TRUE(until());
  }
  std::string dir_;
  base::Loop loop_;
  std::unique_ptr<FakeSyncd> syncd_;
  std::unique_ptr<Lbd> lbd_;
};

TEST_F(LinkTest, WhatTheOperatorSaysGoesToSyncd) {
  start_syncd();
  start_lbd();
  EXPECT_TRUE(lbd_->link->in_sync());
  lbd_->the_operator.set_state(lbd_->server("s1"), OperatorState::maint);
  lbd_->the_operator.set_weight(lbd_->server("s2"), 3);
  run_until([&] { return syncd_->value("s1", kAdmin) && syncd_->value("s2", kWeight); });
  EXPECT_EQ(syncd_->value("s1", kAdmin), uint64_t{tandem::ADMIN_MAINT});
  EXPECT_EQ(syncd_->value("s1", kConfiguredDisabled), 0u);
  EXPECT_EQ(syncd_->value("s1", kWeight), std::nullopt) << "only what was changed";
  EXPECT_EQ(syncd_->value("s2", kWeight), 3u);
  EXPECT_EQ(syncd_->value("s2", kConfiguredWeight), 10u);
}

TEST_F(LinkTest, WhatSyncdSaysIsApplied) {
  start_syncd();
  start_lbd();
  syncd_->set("s1", {{kAdmin, tandem::ADMIN_DRAIN}});
  syncd_->set("s2", {{kWeight, 0}});
  run_until([&] { return !lbd_->server("s1").usable() && !lbd_->server("s2").usable(); });
  EXPECT_EQ(lbd_->server("s1").admin(), server::kForcedDrain);
  EXPECT_EQ(lbd_->server("s2").user_weight(), 0u);
  syncd_->set("s1", {{kAdmin, tandem::ADMIN_READY}});
  run_until([&] { return lbd_->server("s1").usable(); });
}

TEST_F(LinkTest, ARestartedLbdKnowsBeforeItServes) {
  start_syncd();
  start_lbd();
  lbd_->the_operator.set_state(lbd_->server("s1"), OperatorState::maint);
  lbd_->the_operator.set_weight(lbd_->server("s2"), 3);
  run_until([&] { return syncd_->value("s1", kAdmin) && syncd_->value("s2", kWeight); });
  lbd_ = std::make_unique<Lbd>(loop_, dir_);
  EXPECT_TRUE(lbd_->server("s1").up());
  EXPECT_TRUE(lbd_->link->learn());
  EXPECT_FALSE(lbd_->server("s1").up());
  EXPECT_EQ(lbd_->server("s2").user_weight(), 3u);
  lbd_->link->start();
}

TEST_F(LinkTest, WithoutSyncdNothingWaits) {
  base::MonoTime before = base::mono_now();
  start_lbd();
  EXPECT_LT(base::mono_now() - before, base::Millis(100));
  EXPECT_FALSE(lbd_->link->in_sync());
}

// After dropping its privileges lbd may not be allowed to: then it must not look as if all were well.
TEST_F(LinkTest, ASyncdThatMayNotBeSpokenToIsToldOnce) {
  start_syncd();
  ASSERT_EQ(chmod((dir_ + "/syncd.sock").c_str(), 0), 0);
  bool root = geteuid() == 0;
  if (root) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  testing::internal::CaptureStderr();
  start_lbd();
  base::MonoTime end = base::mono_now() + base::Millis(400);
  while (base::mono_now() < end) loop_.run_once();
  std::string said = testing::internal::GetCapturedStderr();
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  size_t at = said.find("no permission to connect to " + dir_);
  EXPECT_NE(at, std::string::npos) << said;
  EXPECT_EQ(said.find("no permission", at + 5), std::string::npos) << said;
}

TEST_F(LinkTest, ASyncdThatComesLaterIsTold) {
  start_lbd();
  lbd_->the_operator.set_weight(lbd_->server("s2"), 3);
  start_syncd();
  run_until([&] { return syncd_->value("s2", kWeight) == 3u; });
  // And one that lost its memory.
  syncd_.reset();
  start_syncd();
  run_until([&] { return syncd_->value("s2", kWeight) == 3u; });
}

TEST_F(LinkTest, AFileEditedSinceWins) {
  start_syncd();
  start_lbd();
  lbd_->the_operator.set_weight(lbd_->server("s2"), 3);
  lbd_->the_operator.set_state(lbd_->server("s2"), OperatorState::ready);
  run_until([&] { return syncd_->value("s2", kWeight) && syncd_->value("s2", kAdmin); });
  start_lbd(/*disabled=*/true, /*weight=*/20);
  EXPECT_TRUE(lbd_->link->in_sync());
  EXPECT_EQ(lbd_->server("s2").user_weight(), 20u);
  EXPECT_FALSE(lbd_->server("s2").up());
}

TEST_F(LinkTest, ServersThatTheFileDoesNotKnowChangeNothing) {
  start_syncd();
  syncd_->set("s9", {{kAdmin, tandem::ADMIN_MAINT}});
  syncd_->store.write(key("other", "s1"), {{kAdmin, tandem::ADMIN_MAINT}}, base::wall_now());
  start_lbd();
  EXPECT_TRUE(lbd_->link->in_sync());
  EXPECT_TRUE(lbd_->server("s1").up());
}

TEST_F(LinkTest, VrrpdHearsHowItIs) {
  start_lbd();
  FakeVrrpd vrrpd;
  auto client = connect(vrrpd);
  run_until([&] { return vrrpd.health.published() > 0; });
  EXPECT_EQ(vrrpd.role, tandem::ROLE_LBD);
  EXPECT_TRUE(vrrpd.health.serving());
  EXPECT_EQ(vrrpd.health.backends(), 1u);
  EXPECT_EQ(vrrpd.health.backends_up(), 1u);
  EXPECT_EQ(vrrpd.health.servers_up(), 2u);
  for (const char* name : {"s1", "s2"}) lbd_->the_operator.set_state(lbd_->server(name), OperatorState::maint);
  run_until([&] { return vrrpd.health.backends_up() == 0; });
  EXPECT_EQ(vrrpd.health.servers_up(), 0u);
  ASSERT_EQ(vrrpd.health.backends_down_size(), 1);
  EXPECT_EQ(vrrpd.health.backends_down(0), "www");
  uint64_t turns = vrrpd.health.workers(0).turns();
  run_until([&] { return vrrpd.health.workers(0).turns() > turns; });
  lbd_->link->drain();
  run_until([&] { return !vrrpd.health.serving(); });
  lbd_->link->stop("stopping");
  run_until([&] { return vrrpd.downs == 1; });
  EXPECT_EQ(vrrpd.goodbye, "stopping");
}

// A reload is no death and no end of service: vrrpd is sent to the successor.
TEST_F(LinkTest, ADrainingLbdSendsVrrpdToItsSuccessor) {
  start_lbd();
  FakeVrrpd vrrpd;
  auto client = connect(vrrpd);
  run_until([&] { return vrrpd.health.published() > 0; });
  Lbd successor(loop_, dir_, false, 10, {});
  lbd_->link->drain();
  run_until([&] { return vrrpd.downs == 1; });
  EXPECT_EQ(vrrpd.goodbye, "reload");
  EXPECT_TRUE(vrrpd.successor);
  EXPECT_TRUE(vrrpd.health.serving()) << "never said otherwise";
  successor.link->start();
  run_until([&] { return client->up(); });
}

TEST_F(LinkTest, StatesOfVrrpdAreKept) {
  start_lbd();
  FakeVrrpd vrrpd;
  auto client = connect(vrrpd);
  run_until([&] { return client->up(); });
  tandem::Envelope states;
  auto* instance = states.mutable_vrrp_states()->add_instances();
  instance->set_name("VI_1");
  instance->set_state(tandem::VRRP_MASTER);
  client->send(states);
  run_until([&] { return lbd_->link->vrrp_states().instances_size() == 1; });
  client->stop();
  run_until([&] { return lbd_->link->vrrp_states().instances_size() == 0; });
}

TEST_F(LinkTest, WhoDrainsAndIsNoMasterIsLeaving) {
  start_lbd();
  FakeVrrpd vrrpd;
  auto client = connect(vrrpd);
  run_until([&] { return client->up(); });
  const auto say = [&](tandem::VrrpState first, tandem::VrrpState second, uint32_t draining) {
    tandem::Envelope states;
    for (const tandem::VrrpState state : {first, second})
      states.mutable_vrrp_states()->add_instances()->set_state(state);
    states.mutable_vrrp_states()->mutable_instances(1)->set_draining_ms(draining);
    client->send(states);
  };
  say(tandem::VRRP_BACKUP, tandem::VRRP_BACKUP, 1000);
  run_until([&] { return lbd_->leaving; });
  say(tandem::VRRP_MASTER, tandem::VRRP_BACKUP, 1000);
  run_until([&] { return !lbd_->leaving; });
  say(tandem::VRRP_BACKUP, tandem::VRRP_BACKUP, 1000);
  run_until([&] { return lbd_->leaving; });
  say(tandem::VRRP_BACKUP, tandem::VRRP_BACKUP, 0);
  run_until([&] { return !lbd_->leaving; });
}

TEST_F(LinkTest, StatisticsAreAnswered) {
  start_lbd();
  FakeVrrpd asker;
  auto client = connect(asker);
  run_until([&] { return client->up(); });
  tandem::Envelope request;
  request.mutable_stats_request();
  client->send(request);
  run_until([&] { return asker.rows >= 9; });
}

TEST_F(LinkTest, SyncdIsToldHowItIsAndWhatHappened) {
  base::record("server", "www/s1", "before there was a link");
  start_syncd();
  start_lbd();
  syncd_->ask();
  run_until([&] { return syncd_->account.number() == 7; });
  EXPECT_EQ(syncd_->account.hello().role(), tandem::ROLE_LBD);
  EXPECT_GE(syncd_->account.stats().rows_size(), 9);
  ASSERT_FALSE(syncd_->events.empty());
  EXPECT_EQ(syncd_->events.back().text(), "before there was a link");
  const uint64_t last = syncd_->events.back().sequence();
  base::record("server", "www/s1", "now");
  run_until([&] { return syncd_->events.back().text() == "now"; });
  EXPECT_EQ(syncd_->events.back().sequence(), last + 1);
  // The last words of a process are heard.
  base::record("daemon", "lbd", "the end");
  lbd_->link->stop("stopping");
  run_until([&] { return syncd_->events.back().text() == "the end"; });
}

// A second lbd on the machine must not draw vrrpd to itself; the successor of a reload must.
TEST_F(LinkTest, OnlyASuccessorTakesTheSocket) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  pid_t other = fork();
  if (other == 0) {
    base::Loop loop;
    Lbd lbd(loop, dir_);
    lbd.link->start();
    if (write(ready[1], "x", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(ipc::serving_pid(dir_ + "/link.sock"), other);
  start_lbd();
  EXPECT_EQ(ipc::serving_pid(dir_ + "/link.sock"), other);
  Lbd successor(loop_, dir_, false, 10, {other});
  successor.link->start();
  EXPECT_EQ(ipc::serving_pid(dir_ + "/link.sock"), getpid());
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(LinkTest, APathThatCannotBeIsNoError) {
  lbd_ = std::make_unique<Lbd>(loop_, "/nonexistent-directory/in/another");
  lbd_->link->start();
  lbd_->link->stop("");
}

}  // namespace
}  // namespace lbd::link
