#include "lbctl/rehearsal.h"

#include <gmock/gmock.h>

namespace lbctl {
namespace {

using testing::ElementsAre;

// Two nodes that do as they are told, unless they are not to.
class FakePair final : public Stage {
 public:
  uint64_t connections = 3;
  bool master_here = true;
  std::string refuses_away, refuses_back;  // why
  base::Nanos refuses_for{};               // the latter, for so long
  int servers_down = 0;                    // over there, as it serves
  base::Nanos settles_in{};                // after a hand-over both are not well for so long
  std::vector<std::string> said;
  int hand_overs = 0;
  base::MonoTime clock = base::mono_now(), moved = clock - base::Seconds(1000);
  bool has_other = true;

  PairAnswers look() override {
    PairAnswers pair{.here = node(master_here, "lb2"), .others = {}};
    number(*pair.here.lbd, "current_connections", connections);
    if (clock - moved < settles_in) number(*pair.here.lbd, "servers", 1);
    if (has_other)
      pair.others.push_back({.name = "lb2", .error = "", .linked = true, .said = node(!master_here, "lb1")});
    if (!master_here) number(*pair.others[0].said->lbd, "backends", static_cast<uint64_t>(servers_down));
    return pair;
  }
  base::Result<tandem::HandedOver> hand_over(const tandem::HandOver& wanted) override {
    tandem::HandedOver result;
    const std::string& why = wanted.take() ? refuses_back : refuses_away;
    if (!why.empty() && (!wanted.take() || clock - moved < refuses_for)) {
      result.set_text(why);
      return result;
    }
    ++hand_overs;
    master_here = wanted.take();
    moved = clock;
    result.set_done(true);
    result.set_text(wanted.take() ? "this node has it" : "node lb2 has it");
    result.set_node("lb2");
    result.set_took_us(1234);
    return result;
  }
  void wait(base::Millis time) override { clock += time; }
  base::MonoTime now() override { return clock; }
  void progress(const std::string& text) override { said.push_back(text); }

 private:
  static void text(Answer& answer, const std::string& object, const char* name, const char* value) {
    auto* row = answer.stats.add_rows();
    row->set_object(object);
    row->set_name(name);
    row->set_text(value);
  }
  static void number(Answer& answer, const char* name, uint64_t value) {
    auto* row = answer.stats.add_rows();
    row->set_name(name);
    row->set_value(value);
  }
  static NodeAnswers node(bool master, const std::string& other) {
    Answer lbd, vrrpd, syncd;
    text(lbd, "", "state", "serving");
    for (const char* name : {"VI_1", "VI_2"}) {
      auto* instance = vrrpd.vrrp.add_instances();
      instance->set_name(name);
      instance->add_addresses(name);
      instance->set_state(master ? tandem::VRRP_MASTER : tandem::VRRP_BACKUP);
    }
    text(syncd, "node " + other, "state", "in sync");
    return {lbd, vrrpd, syncd};
  }
};

class RehearsalTest : public testing::Test {
 protected:
  RehearsalReport run() { return rehearse(plan_, pair_); }
  // "step", "step!" where it is not good.
  static std::vector<std::string> steps(const RehearsalReport& report) {
    std::vector<std::string> all;
    for (const RehearsalStep& step : report.steps) all.push_back(step.name + (step.good ? "" : "!"));
    return all;
  }
  RehearsalPlan plan_;
  FakePair pair_;
};

TEST_F(RehearsalTest, ThereAndBack) {
  pair_.settles_in = base::Seconds(2);
  const RehearsalReport report = run();
  EXPECT_EQ(report.outcome, Outcome::done);
  EXPECT_EQ(render_report(report),
            "ready  both nodes are well\n"
            "quiet  3 connections are open\n"
            "away   node lb2 has it\n"
            "there  well after 2.0 s, and for 5 s\n"
            "back   this node has it\n"
            "here   well after 2.0 s\n"
            "drill  done: node lb2 had the addresses, and this node has them again\n");
  EXPECT_EQ(pair_.hand_overs, 2);
  const std::string json = render_report_json(report);
  EXPECT_TRUE(json.starts_with(R"({"outcome":"done","node":"lb2","steps":[{"step":"ready","good":true,)")) << json;
  EXPECT_NE(json.find(R"({"step":"away","good":true,"text":"node lb2 has it","took_us":1234})"), json.npos) << json;
}

TEST_F(RehearsalTest, APairThatIsNotReadyIsLeftAlone) {
  pair_.has_other = false;
  EXPECT_EQ(render_report(run()), "ready  not good: there is no other node\ndrill  refused: nothing was done\n");
  pair_.has_other = true;
  pair_.master_here = false;
  EXPECT_EQ(run().steps[0].text, "this node is not MASTER: begin on the one that is, or name an instance that it has");
  pair_.servers_down = 1;
  EXPECT_EQ(run().steps[0].text, "the pair is degraded: lb2: 1 of 1 backends down");
  pair_.master_here = true;
  plan_.instance = "VI_9";
  EXPECT_EQ(run().steps[0].text, "there is no instance 'VI_9'");
  EXPECT_EQ(run().outcome, Outcome::refused);
  EXPECT_EQ(pair_.hand_overs, 0);
}

TEST_F(RehearsalTest, AQuietMomentIsWaitedFor) {
  pair_.connections = 101;
  const RehearsalReport report = run();
  EXPECT_EQ(report.outcome, Outcome::busy);
  EXPECT_THAT(steps(report), ElementsAre("ready", "quiet!"));
  EXPECT_GT(pair_.said.size(), 100u);
  EXPECT_EQ(pair_.said[0], "waiting for a quiet moment: 101 connections are open, 100 are wanted at most");
  EXPECT_EQ(pair_.hand_overs, 0);
  plan_.most_connections = 101;
  plan_.instance = "VI_2";
  EXPECT_EQ(run().outcome, Outcome::done);
}

TEST_F(RehearsalTest, ARefusedHandOverMovesNothing) {
  pair_.refuses_away = "node lb2 is not ready";
  const RehearsalReport report = run();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_THAT(steps(report), ElementsAre("ready", "quiet", "away!"));
  EXPECT_EQ(report.steps[2].text, "node lb2 is not ready");
}

TEST_F(RehearsalTest, WhatIsWrongThereIsToldAndTheAddressesComeBack) {
  pair_.servers_down = 1;
  const RehearsalReport report = run();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_THAT(steps(report), ElementsAre("ready", "quiet", "away", "there!", "back", "here"));
  EXPECT_EQ(report.steps[3].text, "degraded: lb2: 1 of 1 backends down");
  EXPECT_TRUE(pair_.master_here);
}

TEST_F(RehearsalTest, TheWayBackIsTriedForAWhile) {
  pair_.refuses_back = "this node is not ready: it is still learning";
  pair_.refuses_for = base::Seconds(8);
  EXPECT_EQ(run().outcome, Outcome::done);
  pair_.refuses_for = base::Seconds(1000);
  const RehearsalReport report = run();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_THAT(steps(report), ElementsAre("ready", "quiet", "away", "there", "back!"));
  EXPECT_EQ(report.steps[4].text,
            "this node is not ready: it is still learning; node lb2 has it (lbctl failover --take)");
}

}  // namespace
}  // namespace lbctl
