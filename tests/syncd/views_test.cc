#include "syncd/views.h"

#include <gtest/gtest.h>

namespace syncd {
namespace {

class FakeWitness final : public Witness {
 public:
  std::optional<Refusal> refusal;
  std::vector<tandem::ViewRequest> asked;

 private:
  std::optional<Refusal> ask(const tandem::Envelope& question) override {
    if (!refusal) asked.push_back(question.view_request());
    return refusal;
  }
};

class ViewsTest : public testing::Test {
 protected:
  ViewsTest() {
    views_.add_daemon(lbd_, tandem::ROLE_LBD, 2);
    views_.add_daemon(vrrpd_, tandem::ROLE_VRRPD, 1);
    views_.add_node(node_, "lb2");
    request_.set_number(77);
    request_.set_patience_ms(5000);
    request_.mutable_stats()->mutable_certificates()->set_most(4);
  }
  Views::Answer keep() {
    return [this](const tandem::Envelope& said) { answers_.push_back(said); };
  }
  void answer(FakeWitness& witness, const char* version) {
    tandem::Account account;
    account.set_number(witness.asked.back().number());
    account.mutable_hello()->set_version(version);
    views_.take(witness, account);
  }
  void run_until_answered() {
    while (answers_.empty()) loop_.run_once();
  }
  base::Loop loop_;
  Views views_{loop_, [] {
                 tandem::Account own;
                 own.mutable_hello()->set_version("own");
                 return own;
               }};
  FakeWitness lbd_, vrrpd_, node_;
  tandem::ViewRequest request_;
  std::vector<tandem::Envelope> answers_;
};

TEST_F(ViewsTest, OfTheDaemonsOfThisNode) {
  views_.ask_daemons(request_, this, keep());
  ASSERT_EQ(lbd_.asked.size(), 1u);
  EXPECT_EQ(lbd_.asked[0].patience_ms(), 4000u) << "who is asked has less time";
  EXPECT_EQ(lbd_.asked[0].stats().certificates().most(), 4u) << "what is wanted is passed on";
  answer(lbd_, "1");
  EXPECT_TRUE(answers_.empty());
  answer(lbd_, "again");
  answer(vrrpd_, "2");
  ASSERT_EQ(answers_.size(), 1u);
  const tandem::View& view = answers_[0].view();
  EXPECT_EQ(view.number(), 77u);
  EXPECT_EQ(view.lbd().hello().version(), "1");
  EXPECT_EQ(view.vrrpd().hello().version(), "2");
  EXPECT_EQ(view.syncd().hello().version(), "own");
  answer(vrrpd_, "late");
  EXPECT_EQ(answers_.size(), 1u);
}

TEST_F(ViewsTest, WhoIsSilentIsNotWaitedForLong) {
  request_.set_patience_ms(20);
  views_.ask_daemons(request_, this, keep());
  answer(vrrpd_, "2");
  run_until_answered();
  EXPECT_EQ(answers_[0].view().lbd().error(), "no answer in time");
  EXPECT_EQ(answers_[0].view().vrrpd().error(), "");
}

TEST_F(ViewsTest, TheYoungestLbdIsAsked) {
  FakeWitness older, younger;
  views_.add_daemon(older, tandem::ROLE_LBD, 1);
  views_.add_daemon(younger, tandem::ROLE_LBD, 3);
  views_.ask_daemons(request_, this, keep());
  EXPECT_EQ(younger.asked.size(), 1u);
  EXPECT_TRUE(older.asked.empty() && lbd_.asked.empty());
  // It ends before it has said anything.
  views_.remove(younger);
  views_.remove(older);
  answer(vrrpd_, "2");
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].view().lbd().error(), "gone");
}

TEST_F(ViewsTest, OfOtherNodes) {
  FakeWitness away;
  away.refusal = Witness::Refusal{"too old", true};
  views_.add_node(away, "lb3");
  views_.ask_nodes(request_, this, keep());
  EXPECT_EQ(node_.asked.at(0).stats().certificates().most(), 4u);
  tandem::View view;
  view.set_number(node_.asked.at(0).number());
  view.set_node("somebody else");
  view.mutable_lbd()->mutable_hello()->set_version("7");
  // Only who was asked is heard.
  views_.take(lbd_, view);
  EXPECT_TRUE(answers_.empty());
  views_.take(node_, view);
  ASSERT_EQ(answers_.size(), 1u);
  const tandem::Views& all = answers_[0].views();
  EXPECT_EQ(all.number(), 77u);
  ASSERT_EQ(all.nodes_size(), 2);
  EXPECT_EQ(all.nodes(0).node(), "lb2");
  EXPECT_EQ(all.nodes(0).lbd().hello().version(), "7");
  EXPECT_EQ(all.nodes(1).node(), "lb3");
  EXPECT_EQ(all.nodes(1).error(), "too old");
  EXPECT_TRUE(all.nodes(1).older());
}

TEST_F(ViewsTest, WhatIsSaidIsBounded) {
  views_.ask_nodes(request_, this, keep());
  tandem::View view;
  view.set_number(node_.asked.at(0).number());
  view.mutable_lbd()->mutable_stats()->add_rows()->set_text(std::string(Views::kLongest, 'x'));
  views_.take(node_, view);
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].views().nodes(0).error(), "too talkative to be understood");
  EXPECT_EQ(answers_[0].views().nodes(0).node(), "lb2");
}

TEST_F(ViewsTest, OnlySoManyMayAskAtATime) {
  std::vector<int> askers(Views::kMost / Views::kMostOfOne);
  for (int& asker : askers) {
    for (size_t i = 0; i < Views::kMostOfOne; ++i) views_.ask_daemons(request_, &asker, keep());
    EXPECT_TRUE(answers_.empty());
    views_.ask_daemons(request_, &asker, keep());
    ASSERT_EQ(answers_.size(), 1u);
    EXPECT_EQ(answers_[0].view().error(), "too many ask at a time");
    answers_.clear();
  }
  views_.ask_nodes(request_, this, keep());
  EXPECT_EQ(answers_.size(), 1u);
  // Who is gone is not answered, and makes room.
  views_.forget(&askers[0]);
  views_.ask_daemons(request_, this, keep());
  answer(lbd_, "1");
  answer(vrrpd_, "2");
  EXPECT_EQ(answers_.size(), 2u);
}

}  // namespace
}  // namespace syncd
