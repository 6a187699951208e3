#include "syncd/changes.h"

#include <gtest/gtest.h>

namespace syncd {
namespace {

class FakeWitness final : public Witness {
 public:
  std::optional<Refusal> refusal;
  std::vector<tandem::ChangeRequest> asked;

 private:
  std::optional<Refusal> ask(const tandem::Envelope& question) override {
    if (!refusal) asked.push_back(question.change_request());
    return refusal;
  }
};

class ChangesTest : public testing::Test {
 protected:
  ChangesTest() {
    changes_.add_node(node_, "lb2");
    request_.set_number(77);
    request_.set_step(tandem::ChangeRequest::CONFIRM);
  }
  void order(const std::string& node = "", const void* asker = nullptr) {
    request_.set_node(node);
    changes_.order(request_, "lb1", asker ? asker : this,
                   [this](const tandem::Envelope& said) { answers_.push_back(said.change_reply()); });
  }
  void answer(const FakeWitness& from, uint64_t number, const char* text) {
    tandem::ChangeReply reply;
    reply.set_number(number);
    reply.set_text(text);
    changes_.take(from, reply);
  }
  base::Loop loop_;
  Changes changes_{loop_};
  FakeWitness applyd_, node_;
  tandem::ChangeRequest request_;
  std::vector<tandem::ChangeReply> answers_;
};

TEST_F(ChangesTest, GoesToWhoItIsFor) {
  changes_.add_applyd(applyd_);
  for (const char* here : {"", "lb1"}) order(here);
  ASSERT_EQ(applyd_.asked.size(), 2u);
  EXPECT_EQ(applyd_.asked[1].node(), "") << "it is for who gets it";
  order("lb2");
  ASSERT_EQ(node_.asked.size(), 1u);
  EXPECT_EQ(node_.asked[0].node(), "lb2");
  EXPECT_TRUE(answers_.empty());
  answer(applyd_, node_.asked[0].number(), "of another one");
  EXPECT_TRUE(answers_.empty());
  answer(node_, node_.asked[0].number(), "done");
  answer(node_, node_.asked[0].number(), "again");
  answer(applyd_, applyd_.asked[0].number(), "here");
  ASSERT_EQ(answers_.size(), 2u);
  EXPECT_EQ(answers_[0].text(), "done");
  EXPECT_EQ(answers_[1].text(), "here");
  EXPECT_EQ(answers_[0].number(), 77u) << "that of who asked";
}

TEST_F(ChangesTest, WhoIsNotThereIsNamed) {
  order();
  order("lb3");
  node_.refusal = {"not linked", false};
  order("lb2");
  ASSERT_EQ(answers_.size(), 3u);
  EXPECT_EQ(answers_[0].error(), "applyd does not run, or is not linked with syncd");
  EXPECT_EQ(answers_[1].error(), "there is no node 'lb3'");
  EXPECT_EQ(answers_[2].error(), "not linked");
  EXPECT_EQ(answers_[2].number(), 77u);
}

TEST_F(ChangesTest, WhoGoesHasAnswered) {
  changes_.add_applyd(applyd_);
  order();
  changes_.remove(applyd_);
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].error(), "it went before it had answered");
  order();
  EXPECT_EQ(answers_.back().error(), "applyd does not run, or is not linked with syncd");
}

TEST_F(ChangesTest, WhoAskedAndWentIsNotTold) {
  changes_.add_applyd(applyd_);
  int somebody = 0;
  order("", &somebody);
  order();
  changes_.forget(&somebody);
  for (const auto& asked : applyd_.asked) answer(applyd_, asked.number(), "late");
  EXPECT_EQ(answers_.size(), 1u);
}

TEST_F(ChangesTest, ManyAreNotKept) {
  changes_.add_applyd(applyd_);
  for (size_t i = 0; i <= Changes::kMost; ++i) order();
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].error(), "too many ask at a time");
  EXPECT_EQ(applyd_.asked.size(), Changes::kMost);
}

}  // namespace
}  // namespace syncd
