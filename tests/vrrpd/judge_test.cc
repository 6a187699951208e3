#include "vrrpd/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vrrpd {
namespace {

using base::Millis;
using base::MonoTime;
using base::Seconds;
using testing::HasSubstr;

class JudgeTest : public testing::Test {
 protected:
  static tandem::NodeFacts facts(uint32_t reach, const std::string& configuration = "same", bool serving = true) {
    tandem::NodeFacts facts;
    facts.set_reach(reach);
    facts.set_configuration(configuration);
    facts.set_serving(serving);
    return facts;
  }
  void look(uint32_t own, uint32_t other) { judge_.look(facts(own), {{"lb2", facts(other)}}, now_); }
  std::string better() const { return judge_.better(now_); }
  std::string hold() const { return judge_.hold(now_); }
  // Gives up for that, and has the way back at once.
  void lose_and_find() {
    look(0, 1000);
    now_ += Judge::kSustain;
    EXPECT_EQ(better(), "lb2");
    judge_.handed_over(now_);
    look(1000, 1000);
  }

  MonoTime now_{Seconds(1000)};
  Judge judge_;
};

TEST_F(JudgeTest, WhoReachesLessThanHalfGivesUpWhenThatLasts) {
  look(1000, 1000);
  EXPECT_EQ(hold(), "");
  EXPECT_EQ(judge_.due(now_), base::kNever);
  look(499, 1000);
  EXPECT_EQ(better(), "");
  EXPECT_EQ(hold(), "this node reaches 49 % of the servers, node lb2 100 %");
  EXPECT_EQ(judge_.due(now_), now_ + Judge::kSustain);
  now_ += Judge::kSustain - Millis(1);
  EXPECT_EQ(better(), "");
  now_ += Millis(1);
  EXPECT_EQ(better(), "lb2");
}

TEST_F(JudgeTest, WhatIsOverInTimeMovesNothing) {
  look(0, 1000);
  now_ += Millis(400);
  look(1000, 1000);
  now_ += Millis(200);
  look(0, 1000);
  now_ += Millis(400);
  EXPECT_EQ(better(), "");
}

TEST_F(JudgeTest, WhereAllHaveLostThemNothingMoves) {
  look(0, 0);
  now_ += Seconds(10);
  EXPECT_EQ(better(), "");
  EXPECT_EQ(hold(), "");
  look(400, 700);
  now_ += Seconds(10);
  EXPECT_EQ(better(), "") << "more than half of what the other one has";
}

TEST_F(JudgeTest, NothingIsJudgedWithoutAnotherThatServes) {
  judge_.look(facts(0), {}, now_);
  judge_.look(facts(0), {{"lb2", facts(1000, "same", false)}}, now_);
  judge_.look(std::nullopt, {{"lb2", facts(1000)}}, now_);
  judge_.look(facts(0, "same", false), {{"lb2", facts(1000)}}, now_);
  now_ += Seconds(10);
  EXPECT_EQ(better(), "");
  EXPECT_EQ(hold(), "");
}

TEST_F(JudgeTest, AnotherConfigurationIsComparedOnlyByWhoHasNothing) {
  judge_.look(facts(100), {{"lb2", facts(1000, "another")}}, now_);
  now_ += Seconds(1);
  EXPECT_EQ(better(), "");
  judge_.look(facts(0), {{"lb2", facts(1000, "another")}}, now_);
  now_ += Seconds(1);
  EXPECT_EQ(better(), "lb2");
}

TEST_F(JudgeTest, TheBestOfSeveralIsChosen) {
  judge_.look(facts(100), {{"lb2", facts(500)}, {"lb3", facts(900)}, {"lb4", facts(800)}}, now_);
  now_ += Seconds(1);
  EXPECT_EQ(better(), "lb3");
}

TEST_F(JudgeTest, PreemptsOnlyWhenItReachesNearlyAsMuchAgain) {
  look(0, 1000);
  now_ += Seconds(1);
  look(899, 1000);
  EXPECT_THAT(hold(), HasSubstr("reaches 89 %"));
  EXPECT_EQ(better(), "");
  // The other one is gone: what it reached is not known.
  judge_.look(facts(899), {}, now_);
  EXPECT_THAT(hold(), HasSubstr("reaches 89 %"));
  look(900, 1000);
  EXPECT_EQ(hold(), "");
}

TEST_F(JudgeTest, EachHandOverMakesTheNextWaitLonger) {
  base::Nanos expected = Judge::kFirstHold;
  for (int round = 1; round <= 9; ++round) {
    lose_and_find();
    EXPECT_THAT(hold(), HasSubstr("given up " + std::to_string(round) + " times"));
    EXPECT_EQ(judge_.due(now_), now_ + std::min<base::Nanos>(expected, Judge::kMostHold));
    now_ = judge_.due(now_) - Millis(1);
    EXPECT_NE(hold(), "");
    now_ += Millis(1);
    EXPECT_EQ(hold(), "");
    expected *= 2;
  }
  EXPECT_EQ(judge_.hand_overs(), 9u);
  // After a quiet time it begins anew.
  now_ += Judge::kForget;
  lose_and_find();
  EXPECT_EQ(judge_.due(now_), now_ + Judge::kFirstHold);
}

TEST_F(JudgeTest, WhoReachesSomethingDoesNotGiveUpAgainAtOnce) {
  lose_and_find();
  look(100, 1000);
  now_ += Seconds(1);
  EXPECT_EQ(better(), "") << "within the first hold";
  look(0, 1000);
  EXPECT_EQ(better(), "") << "nobody may have followed";
  now_ += Judge::kAgain;
  EXPECT_EQ(better(), "lb2");
}

}  // namespace
}  // namespace vrrpd
