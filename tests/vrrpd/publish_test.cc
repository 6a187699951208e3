#include "vrrpd/publish.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "ipc/client.h"

namespace vrrpd {
namespace {

struct Listener final : ipc::ClientEvents {
  std::string on_up(ipc::Client&, const tandem::Hello&) override { return ""; }
  void on_envelope(ipc::Client&, const tandem::Envelope& envelope) override {
    for (const auto& one : envelope.vrrp_states().instances())
      if (one.name() == "VI_1") told.push_back({one.state(), one.reason()});
  }
  void on_down(ipc::Client&, const std::string&) override {}
  std::vector<std::pair<tandem::VrrpState, std::string>> told;
};

std::string new_directory() {
  char name[] = "/tmp/tandem-publish-XXXXXX";
  return mkdtemp(name);
}

class PublishTest : public testing::Test {
 protected:
  PublishTest() {
    publisher_.listen(directory_ + "/vrrpd.sock");
    client_.start();
  }
  ~PublishTest() override {
    unlink((directory_ + "/vrrpd.sock").c_str());
    EXPECT_EQ(rmdir(directory_.c_str()), 0);
  }
  tandem::VrrpStates states() const {
    tandem::VrrpStates all;
    for (const char* name : {"VI_0", "VI_1"}) {
      auto* one = all.add_instances();
      one->set_name(name);
      one->set_state(state_);
      one->set_reason(reason_);
    }
    return all;
  }
  void enter(tandem::VrrpState state, const std::string& reason) {
    state_ = state;
    reason_ = reason;
    publisher_.entered("VI_1", {state, base::wall_now(), reason});
  }
  void wait_for(size_t messages) {
    const base::MonoTime give_up = base::mono_now() + base::Seconds(10);
    while (listener_.told.size() < messages && base::mono_now() < give_up) loop_.run_once();
  }

  const std::string directory_ = new_directory();
  base::Loop loop_;
  Publisher publisher_{loop_,
                       "lb1",
                       {.states = [this] { return states(); },
                        .stats = [] { return tandem::StatsReply(); },
                        .published = [](const tandem::VrrpStates&) {},
                        .hand_over = {},
                        .asker_gone = [] {}}};
  Listener listener_;
  ipc::Client client_{loop_,
                      {.to = base::SockAddr::unix_path(directory_ + "/vrrpd.sock"),
                       .hello = ipc::make_hello(tandem::ROLE_SNMP, "1"),
                       .channel = {}},
                      listener_};
  tandem::VrrpState state_ = tandem::VRRP_BACKUP;
  std::string reason_ = "init";
};

using Told = std::vector<std::pair<tandem::VrrpState, std::string>>;

TEST_F(PublishTest, WhatIsLeftWithinATurnIsToldInOrder) {
  wait_for(1);
  listener_.told.clear();
  enter(tandem::VRRP_MASTER, "the master is silent");
  enter(tandem::VRRP_BACKUP, "it is not");
  enter(tandem::VRRP_MASTER, "it resigned");
  wait_for(3);
  EXPECT_EQ(listener_.told, (Told{{tandem::VRRP_MASTER, "the master is silent"},
                                  {tandem::VRRP_BACKUP, "it is not"},
                                  {tandem::VRRP_MASTER, "it resigned"}}));
}

TEST_F(PublishTest, WhatStaysIsToldOnce) {
  wait_for(1);
  listener_.told.clear();
  enter(tandem::VRRP_MASTER, "the master is silent");
  publisher_.publish();
  wait_for(1);
  enter(tandem::VRRP_BACKUP, "a higher priority");
  wait_for(2);
  EXPECT_EQ(listener_.told,
            (Told{{tandem::VRRP_MASTER, "the master is silent"}, {tandem::VRRP_BACKUP, "a higher priority"}}));
}

}  // namespace
}  // namespace vrrpd
