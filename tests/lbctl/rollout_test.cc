#include "lbctl/rollout.h"

#include <gmock/gmock.h>

namespace lbctl {
namespace {

using Step = tandem::ChangeRequest;
using testing::ElementsAre;
using testing::HasSubstr;

// Two nodes that do as they are told, unless they are not to. This one is lb1, and master.
class FakePair final : public Pair {
 public:
  std::vector<std::string> orders;                  // "lb2 STAGE"
  std::map<std::string, std::string> fails;         // an order, and why
  std::map<std::string, tandem::ChangeReply> says;  // a node, of STAGE
  std::vector<Step> requests;
  uint64_t servers_down = 0;
  uint64_t down_once_applied = 0;
  base::Nanos down_for{base::Seconds(3600)};
  int interrupt_after = -1;  // looks
  bool linked = true;
  base::Nanos lost_for{};
  base::MonoTime lost_since = base::kNever;
  base::MonoTime clock = base::mono_now(), applied = base::kNever;

  base::Result<tandem::ChangeReply> order(const Step& request) override {
    if (lost_since == base::kNever) lost_since = clock;
    if (request.node() == "lb2" && clock - lost_since < lost_for) {
      tandem::ChangeReply lost;
      lost.set_error("it went before it had answered");
      lost.set_lost(true);
      return lost;
    }
    requests.push_back(request);
    orders.push_back(request.node() + " " + Step::Step_Name(request.step()));
    tandem::ChangeReply reply = request.step() == Step::STAGE ? says[request.node()] : tandem::ChangeReply();
    if (const auto why = fails.find(orders.back()); why != fails.end()) reply.set_error(why->second);
    if (request.step() == Step::COMMIT && applied == base::kNever) applied = clock;
    return reply;
  }
  PairAnswers look() override {
    const bool falls = applied != base::kNever && clock - applied < down_for;
    if (interrupt_after > 0 && applied != base::kNever) --interrupt_after;
    PairAnswers pair{.here = node("lb1", "lb2", true), .others = {}};
    add(*pair.here.lbd, "servers", 10);
    add(*pair.here.lbd, "servers_up", 10 - servers_down - (falls ? down_once_applied : 0));
    pair.others.push_back({.name = "lb2", .error = "", .linked = linked, .said = node("lb2", "lb1", false)});
    return pair;
  }
  void wait(base::Millis time) override { clock += time; }
  base::MonoTime now() override { return clock; }
  bool interrupted() override { return interrupt_after == 0; }
  void progress(const std::string&) override {}

 private:
  static void add(Answer& answer, const char* name, uint64_t value) {
    auto& row = *answer.stats.add_rows();
    row.set_name(name);
    row.set_value(value);
  }
  static void add(Answer& answer, const std::string& object, const char* name, const std::string& value) {
    auto& row = *answer.stats.add_rows();
    row.set_object(object);
    row.set_name(name);
    row.set_text(value);
  }
  static NodeAnswers node(const std::string& name, const std::string& other, bool master) {
    Answer lbd, vrrpd, syncd;
    add(lbd, "", "state", "serving");
    vrrpd.vrrp.add_instances()->set_state(master ? tandem::VRRP_MASTER : tandem::VRRP_BACKUP);
    add(syncd, "", "node", name);
    add(syncd, "node " + other, "state", "in sync");
    return {lbd, vrrpd, syncd};
  }
};

class RolloutTest : public testing::Test {
 protected:
  RolloutTest() {
    plan_.files[""]["lbd"] = "new";
    plan_.change = 42;
  }
  RolloutOutcome run() {
    report_ = roll_out(plan_, pair_);
    return report_.outcome;
  }
  RolloutPlan plan_;
  FakePair pair_;
  RolloutReport report_;
};

TEST_F(RolloutTest, GoodOnBothThenAppliedThenKept) {
  pair_.says["lb1"].set_last(3);
  pair_.says["lb2"].set_last(5);
  EXPECT_EQ(run(), RolloutOutcome::done);
  EXPECT_THAT(pair_.orders,
              ElementsAre("lb2 STAGE", "lb1 STAGE", "lb2 COMMIT", "lb1 COMMIT", "lb2 CONFIRM", "lb1 CONFIRM"))
      << "the standby first";
  EXPECT_EQ(report_.revision, 6u) << "the same number on both";
  EXPECT_EQ(pair_.requests[2].found(), 0u);
  EXPECT_GE(pair_.requests[2].confirm_within_ms(), 60'000u);
  EXPECT_GE(pair_.clock - pair_.applied, base::Seconds(10));
  EXPECT_EQ(render_report(report_),
            "check  lb2: good\ncheck  lb1: good\napply  lb2: in use\napply  lb1: in use\n"
            "watch  as well as before, for 10 s\nkeep   lb2: revision 6\nkeep   lb1: revision 6\n"
            "change done: revision 6\n");
}

TEST_F(RolloutTest, WhatWasChangedByHandIsARevisionFirst) {
  pair_.says["lb1"].set_last(5);
  pair_.says["lb1"].set_edited(true);
  pair_.says["lb2"].set_last(5);
  EXPECT_EQ(run(), RolloutOutcome::done);
  EXPECT_EQ(pair_.requests[2].found(), 6u);
  EXPECT_EQ(pair_.requests[3].found(), 6u);
  EXPECT_EQ(report_.revision, 7u);
}

TEST_F(RolloutTest, NotGoodOnOne) {
  pair_.fails["lb1 STAGE"] = "the files are not good";
  pair_.says["lb1"].set_text("lbd.cfg:3: unknown\nword");
  EXPECT_EQ(run(), RolloutOutcome::refused);
  EXPECT_THAT(pair_.orders, ElementsAre("lb2 STAGE", "lb1 STAGE", "lb2 UNDO"));
  EXPECT_THAT(render_report(report_), HasSubstr("check  lb1: FAILED: the files are not good\n"
                                                "       lbd.cfg:3: unknown\n       word\n"
                                                "change refused: nothing was changed\n"));
}

TEST_F(RolloutTest, AReloadFailsOnTheSecond) {
  pair_.fails["lb1 COMMIT"] = "lbd: not reloaded";
  EXPECT_EQ(run(), RolloutOutcome::undone);
  EXPECT_THAT(pair_.orders, ElementsAre("lb2 STAGE", "lb1 STAGE", "lb2 COMMIT", "lb1 COMMIT", "lb2 UNDO"));
  EXPECT_THAT(render_report(report_), HasSubstr("change undone: the configuration is what it was before\n"));
}

TEST_F(RolloutTest, AReloadFailsOnTheFirst) {
  pair_.fails["lb2 COMMIT"] = "lbd: not reloaded";
  EXPECT_EQ(run(), RolloutOutcome::undone);
  EXPECT_THAT(pair_.orders, ElementsAre("lb2 STAGE", "lb1 STAGE", "lb2 COMMIT", "lb1 UNDO"));
}

TEST_F(RolloutTest, TheServersFall) {
  pair_.down_once_applied = 2;
  EXPECT_EQ(run(), RolloutOutcome::undone);
  EXPECT_THAT(pair_.orders, testing::Contains("lb1 UNDO"));
  EXPECT_THAT(pair_.orders, testing::Contains("lb2 UNDO"));
  EXPECT_THAT(render_report(report_),
              HasSubstr("watch  FAILED: the pair does worse than before: degraded: 2 of 10 servers down\n"));
}

TEST_F(RolloutTest, WhatWasDownBeforeIsNoReason) {
  pair_.servers_down = 3;
  EXPECT_EQ(run(), RolloutOutcome::done);
}

TEST_F(RolloutTest, MoreAreDownThanBefore) {
  pair_.servers_down = 3;
  pair_.down_once_applied = 1;
  EXPECT_EQ(run(), RolloutOutcome::undone) << "though the verdict has the same words";
}

TEST_F(RolloutTest, AShortFallIsTheReload) {
  pair_.down_once_applied = 2;
  pair_.down_for = base::Seconds(3);
  EXPECT_EQ(run(), RolloutOutcome::done);
}

TEST_F(RolloutTest, Interrupted) {
  pair_.interrupt_after = 3;
  EXPECT_EQ(run(), RolloutOutcome::undone);
  EXPECT_THAT(render_report(report_), HasSubstr("watch  FAILED: interrupted\n"));
  EXPECT_EQ(pair_.orders.back(), "lb1 UNDO");
}

TEST_F(RolloutTest, NotKeptByTheOther) {
  pair_.fails["lb2 CONFIRM"] = "disk full";
  EXPECT_EQ(run(), RolloutOutcome::undone);
  EXPECT_EQ(pair_.orders.back(), "lb1 UNDO");
  EXPECT_THAT(render_report(report_), HasSubstr("not undone everywhere"));
}

TEST_F(RolloutTest, ALinkThatIsAwayForAMoment) {
  pair_.lost_for = base::Seconds(3);
  EXPECT_EQ(run(), RolloutOutcome::done);
  pair_.clock = base::mono_now();
  pair_.lost_for = base::Seconds(30);
  pair_.lost_since = base::kNever;
  EXPECT_EQ(run(), RolloutOutcome::refused);
  EXPECT_THAT(render_report(report_), HasSubstr("check  lb2: FAILED: it went before it had answered\n"));
}

TEST_F(RolloutTest, OneNodeIsNotThere) {
  pair_.linked = false;
  EXPECT_EQ(run(), RolloutOutcome::refused);
  EXPECT_TRUE(pair_.orders.empty());
  plan_.alone = true;
  EXPECT_EQ(run(), RolloutOutcome::done);
  EXPECT_THAT(pair_.orders, ElementsAre("lb1 STAGE", "lb1 COMMIT", "lb1 CONFIRM"));
}

TEST_F(RolloutTest, FilesOfOneNode) {
  plan_.files["lb2"]["vrrpd"] = "of lb2";
  EXPECT_EQ(run(), RolloutOutcome::done);
  EXPECT_EQ(pair_.requests[0].files_size(), 2) << "lb2: its own, and that of all";
  EXPECT_EQ(pair_.requests[1].files_size(), 1);
  plan_.files.erase("");
  pair_.orders.clear();
  EXPECT_EQ(run(), RolloutOutcome::done);
  EXPECT_THAT(pair_.orders, ElementsAre("lb2 STAGE", "lb2 COMMIT", "lb2 CONFIRM"));
  plan_.files["lb9"]["lbd"] = "x";
  EXPECT_EQ(run(), RolloutOutcome::refused);
  EXPECT_THAT(render_report(report_), HasSubstr("there is no node 'lb9'"));
}

TEST_F(RolloutTest, InUseAlready) {
  for (const char* node : {"lb1", "lb2"}) pair_.says[node].set_same(true);
  EXPECT_EQ(run(), RolloutOutcome::refused);
  EXPECT_THAT(render_report_json(report_), HasSubstr("\"outcome\":3"));
}

}  // namespace
}  // namespace lbctl
