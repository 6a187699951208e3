#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/version.h"
#include "ipc/server.h"
#include "tests/support/temp_folder.h"
#include "vrrpd/readiness.h"

namespace vrrpd {
namespace {

// The syncd of this node, which hands words on.
class FakeSyncd final : private ipc::ServerEvents {
 public:
  FakeSyncd(base::Loop& loop, const std::string& path)
      : server_(loop, {.hello = ipc::make_hello(tandem::ROLE_SYNCD, base::kVersion, "b"), .channel = {}}, *this) {
    CHECK(server_.listen_unix(path));
  }
  void say(const tandem::VrrpWord& word) {
    tandem::Envelope envelope;
    *envelope.mutable_vrrp_word() = word;
    server_.broadcast(envelope);
  }
  void ask() {
    tandem::Envelope question;
    question.mutable_view_request()->set_number(7);
    server_.broadcast(question);
  }
  size_t links = 0;
  std::vector<tandem::VrrpWord> heard;
  tandem::Account account;
  std::vector<std::string> events;

 private:
  std::string on_peer(ipc::Peer&) override {
    ++links;
    return "";
  }
  void on_envelope(ipc::Peer&, const tandem::Envelope& envelope) override {
    if (envelope.has_vrrp_word()) heard.push_back(envelope.vrrp_word());
    if (envelope.has_account()) account = envelope.account();
    for (const tandem::Event& event : envelope.events().events()) events.push_back(event.text());
  }
  void on_peer_gone(ipc::Peer&, const std::string&) override {}
  ipc::Server server_;
};

class PartnerTest : public testing::Test {
 protected:
  PartnerTest()
      : syncd_(loop_, folder_.path() + "/syncd.sock"),
        partner_(loop_, {.heard =
                             [this](const RouterId& id, const RouterWord& word) {
                               events_.push_back(fmt::format("{} is at {}", id.vrid, word.priority));
                             },
                         .invited =
                             [this](const RouterId& id, const std::string& node) {
                               events_.push_back(fmt::format("{} from {}", id.vrid, node));
                             },
                         .said = [this](const RouterId&, const std::string& node,
                                        const RouterWord& word) { masterships_[node] = word.mastership; },
                         .linked = [this] { events_.push_back("linked"); },
                         .changed = [this] { ++changes_; },
                         .account =
                             [] {
                               tandem::Account account;
                               account.mutable_vrrp()->add_instances()->set_name("VI_1");
                               return account;
                             }}) {
    partner_.connect(folder_.path() + "/syncd.sock");
    run_until([&] { return syncd_.links == 1 && partner_.linked(); });
    events_.clear();
  }
  template <typename Condition>
  void run_until(Condition condition) {
    while (!condition()) loop_.run_once();
  }
  static tandem::VrrpWord word(const std::string& node, tandem::VrrpState state, uint32_t priority,
                               const std::string& successor = "") {
    tandem::VrrpWord word;
    word.set_node(node);
    word.set_here("b");
    auto* router = word.add_routers();
    router->set_virtual_router_id(51);
    router->set_address(std::string("\x0a\x4d\x00\x64", 4));
    router->set_state(state);
    router->set_priority(priority);
    router->set_interval_us(1'000'000);
    router->set_source(std::string("\x0a\x4d\x00\x01", 4));
    router->set_successor(successor);
    return word;
  }
  // What it led to.
  std::vector<std::string> after(const tandem::VrrpWord& said) {
    events_.clear();
    syncd_.say(said);
    // The last word ends the wait; nobody hears it.
    tandem::VrrpWord mark;
    mark.set_node("mark" + std::to_string(++marks_));
    syncd_.say(mark);
    run_until([&] { return partner_.nodes().contains(mark.node()); });
    events_.pop_back();  // that somebody new is there
    return events_;
  }
  static constexpr RouterId kRouter{51, {base::Family::v4, {10, 77, 0, 100}}};

  support::TempFolder folder_;
  base::Loop loop_;
  FakeSyncd syncd_;
  std::vector<std::string> events_;
  Partner partner_;
  std::map<std::string, Mastership> masterships_;
  int marks_ = 0, changes_ = 0;
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(PartnerTest, TellsHowThisVrrpdIsAndWhatHappened) {
  syncd_.ask();
  run_until([&] { return syncd_.account.number() == 7; });
  EXPECT_EQ(syncd_.account.hello().role(), tandem::ROLE_VRRPD);
  EXPECT_EQ(syncd_.account.vrrp().instances(0).name(), "VI_1");
  base::record("vrrp", "VI_1", "BACKUP -> MASTER");
  run_until([&] { return !syncd_.events.empty() && syncd_.events.back() == "BACKUP -> MASTER"; });
}

TEST_F(PartnerTest, AMasterIsHeardAndABackupIsRemembered) {
  EXPECT_THAT(after(word("a", tandem::VRRP_MASTER, 110)), ElementsAre("linked", "51 is at 110"));
  EXPECT_THAT(after(word("a", tandem::VRRP_MASTER, 110)), ElementsAre("51 is at 110"));
  EXPECT_THAT(after(word("c", tandem::VRRP_BACKUP, 90)), ElementsAre("linked"));
  EXPECT_EQ(partner_.best_backup(kRouter), "a") << "one that was master may be a backup by now";
  after(word("a", tandem::VRRP_FAULT, 110));
  EXPECT_EQ(partner_.best_backup(kRouter), "c");
  EXPECT_EQ(partner_.best_backup({51, {}}), "") << "another link";
}

TEST_F(PartnerTest, OnlyTheSuccessorIsInvited) {
  after(word("a", tandem::VRRP_MASTER, 110));
  EXPECT_THAT(after(word("a", tandem::VRRP_INIT, 110, "b")), ElementsAre("51 from a"));
  EXPECT_THAT(after(word("a", tandem::VRRP_MASTER, 110)), ElementsAre("51 is at 110"));
  EXPECT_THAT(after(word("a", tandem::VRRP_INIT, 110, "c")), IsEmpty());
}

TEST_F(PartnerTest, WhoIsNoMasterAnyMoreHasResigned) {
  after(word("a", tandem::VRRP_MASTER, 110));
  EXPECT_THAT(after(word("a", tandem::VRRP_INIT, 110)), ElementsAre("51 is at 0"));
  EXPECT_THAT(after(word("a", tandem::VRRP_INIT, 110)), IsEmpty());
}

TEST_F(PartnerTest, WhoIsGoneSaysNothing) {
  after(word("a", tandem::VRRP_BACKUP, 110));
  tandem::VrrpWord gone;
  gone.set_node("a");
  gone.set_gone(true);
  after(gone);
  EXPECT_EQ(partner_.best_backup(kRouter), "");
}

TEST_F(PartnerTest, WhoIsMasterIsKnownAndWhoIsLostIsNamed) {
  after(word("a", tandem::VRRP_MASTER, 110));
  EXPECT_EQ(partner_.master_of(kRouter), "a");
  EXPECT_THAT(partner_.lost(kRouter), IsEmpty());
  tandem::VrrpWord gone;
  gone.set_node("a");
  gone.set_gone(true);
  after(gone);
  EXPECT_EQ(partner_.master_of(kRouter), "");
  EXPECT_THAT(partner_.lost(kRouter), ElementsAre("a"));
  EXPECT_THAT(partner_.lost({51, {}}), IsEmpty()) << "another link";
  after(word("a", tandem::VRRP_BACKUP, 110));
  EXPECT_THAT(partner_.lost(kRouter), IsEmpty());
}

TEST_F(PartnerTest, FactsAreNewsOnceAndAreRememberedOfWhoIsGone) {
  tandem::VrrpWord said = word("a", tandem::VRRP_MASTER, 110);
  said.mutable_facts()->set_reach(700);
  said.set_teaching(true);
  changes_ = 0;
  after(said);
  const int with_mark = changes_;
  after(said);
  EXPECT_EQ(changes_, with_mark) << "the mark has no facts";
  EXPECT_TRUE(partner_.teaching("a"));
  tandem::VrrpWord gone;
  gone.set_node("a");
  gone.set_gone(true);
  after(gone);
  EXPECT_GT(changes_, with_mark);
  EXPECT_THAT(partner_.facts(), IsEmpty());
  ASSERT_NE(partner_.last_facts("a"), nullptr);
  EXPECT_EQ(partner_.last_facts("a")->reach(), 700u);
  EXPECT_EQ(partner_.last_facts("c"), nullptr);
}

TEST_F(PartnerTest, TheLastMastershipIsToldAsTimes) {
  tandem::VrrpWord said = word("a", tandem::VRRP_BACKUP, 110);
  said.mutable_routers(0)->set_master_began_us(5'000'000);
  said.mutable_routers(0)->set_master_ended_us(2'000'000);
  after(said);
  EXPECT_EQ(masterships_["a"].ended - masterships_["a"].began, base::Seconds(3));
  EXPECT_GE(base::mono_now() - masterships_["a"].ended, base::Seconds(2));
  said.mutable_routers(0)->set_master_began_us(UINT64_MAX);
  after(said);
  EXPECT_FALSE(masterships_["a"]) << "nonsense";
}

TEST_F(PartnerTest, WhoHasNotSpokenIsWaitedFor) {
  const base::MonoTime now = base::mono_now();
  EXPECT_EQ(not_known(kRouter, partner_, now), "what it lacks is not known yet");
  EXPECT_EQ(not_known(kRouter, partner_, now + kTimeToSpeak), "") << "it has no partner";
  after(word("a", tandem::VRRP_MASTER, 110));
  EXPECT_EQ(not_known(kRouter, partner_, now), "");
  tandem::VrrpWord gone;
  gone.set_node("a");
  gone.set_gone(true);
  after(gone);
  EXPECT_EQ(not_known(kRouter, partner_, now + kTimeToSpeak),
            "the link to node a is lost, so what this node lacks is not known");
}

TEST_F(PartnerTest, NonsenseIsLeft) {
  tandem::VrrpWord bad = word("a", tandem::VRRP_MASTER, 110);
  bad.mutable_routers(0)->set_virtual_router_id(51 + 256);
  EXPECT_THAT(after(bad), ElementsAre("linked"));
  bad = word("a", tandem::VRRP_MASTER, 300);
  EXPECT_THAT(after(bad), IsEmpty());
  bad = word("a", tandem::VRRP_MASTER, 110);
  bad.mutable_routers(0)->set_address("xyz");
  EXPECT_EQ(after(bad).size(), 1u) << "a router that nobody has";
}

TEST_F(PartnerTest, WhatIsSaidArrives) {
  partner_.say(word("", tandem::VRRP_MASTER, 100));
  run_until([&] { return !syncd_.heard.empty(); });
  EXPECT_EQ(syncd_.heard[0].routers(0).priority(), 100u);
}

}  // namespace
}  // namespace vrrpd
