#include "syncd/chronicle.h"

#include <gmock/gmock.h>

namespace syncd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

tandem::Events events(std::initializer_list<uint64_t> sequences, uint64_t boot = 7, uint64_t generation = 1) {
  tandem::Events all;
  all.set_boot(boot);
  for (uint64_t sequence : sequences) {
    tandem::Event& event = *all.add_events();
    event.set_sequence(sequence);
    event.set_boot_us(1000 * sequence);
    event.set_wall_us(1000 * sequence);
    event.set_daemon(tandem::ROLE_VRRPD);
    event.set_generation(generation);
    event.set_text("x");
  }
  return all;
}

class ChronicleTest : public testing::Test {
 protected:
  ChronicleTest() {
    vrrpd_.set_role(tandem::ROLE_VRRPD);
    vrrpd_.set_generation(1);
    vrrpd_.set_pid(42);
  }
  // "node: sequence sequence"
  std::vector<std::string> told(const tandem::EventsRequest& request = {}) {
    std::vector<std::string> all;
    replies_ = chronicle_.reply(request, "lb1");
    for (const tandem::Envelope& envelope : replies_) {
      EXPECT_EQ(envelope.events_reply().more(), &envelope != &replies_.back());
      for (const auto& node : envelope.events_reply().nodes()) {
        std::string line = node.node() + ":";
        for (const auto& event : node.events()) line += " " + std::to_string(event.sequence());
        all.push_back(line);
      }
    }
    return all;
  }
  std::vector<tandem::Envelope> news_, replies_;
  tandem::Hello vrrpd_;
  Chronicle chronicle_{99, 5, [this](const tandem::Envelope& news) { news_.push_back(news); }};
};

TEST_F(ChronicleTest, OfThisNode) {
  chronicle_.add_local(vrrpd_, events({1, 2}));
  // A daemon that connects again tells all that it knows.
  chronicle_.add_local(vrrpd_, events({1, 2, 3}));
  chronicle_.add_local(vrrpd_, events({1, 2, 3}));
  EXPECT_THAT(told(), ElementsAre("lb1: 1 2 3"));
  ASSERT_EQ(news_.size(), 2u) << "what is known is no news";
  EXPECT_EQ(news_[1].events().events_size(), 1);
  EXPECT_EQ(news_[1].events().boot(), 5u);
  EXPECT_EQ(news_[1].events().events(0).pid(), 42u);
  // After a restart it counts from 1.
  chronicle_.add_local(vrrpd_, events({1}, 7, 2));
  EXPECT_THAT(told(), ElementsAre("lb1: 1 2 3 1"));
  EXPECT_EQ(chronicle_.local().events().events_size(), 4);
}

TEST_F(ChronicleTest, OnlyWhatCameSince) {
  chronicle_.add_local(vrrpd_, events({1, 2}));
  told();
  tandem::EventsRequest request;
  request.set_generation(replies_.back().events_reply().generation());
  request.set_arrived(replies_.back().events_reply().arrived());
  EXPECT_THAT(told(request), ElementsAre("lb1:"));
  chronicle_.add_remote("lb2", events({9}));
  EXPECT_THAT(told(request), ElementsAre("lb2: 9", "lb1:"));
  // Of another life of syncd the numbers mean nothing.
  request.set_generation(98);
  EXPECT_THAT(told(request), ElementsAre("lb2: 9", "lb1: 1 2"));
}

TEST_F(ChronicleTest, OfAnotherNodeOneEarlierStartIsKept) {
  chronicle_.add_remote("lb2", events({1}, 1));
  chronicle_.add_remote("lb2", events({2}, 2));
  chronicle_.add_remote("lb2", events({3}, 3));
  EXPECT_THAT(told(), ElementsAre("lb2: 2", "lb2: 3", "lb1:"));
  EXPECT_TRUE(replies_[0].events_reply().nodes(0).clock_unknown());
  ClockDifference difference;
  difference.take(base::Micros(1000), base::Micros(50), base::Micros(1100));
  chronicle_.set_clock("lb2", 3, difference);
  told();
  EXPECT_TRUE(replies_[0].events_reply().nodes(0).clock_unknown());
  const tandem::Events& now = replies_[1].events_reply().nodes(0);
  EXPECT_FALSE(now.clock_unknown());
  EXPECT_EQ(now.offset_us(), 1000);
  EXPECT_EQ(now.uncertainty_us(), 50u);
}

TEST_F(ChronicleTest, WhatIsKeptIsBoundedForEachDaemon) {
  tandem::Hello lbd = vrrpd_;
  lbd.set_role(tandem::ROLE_LBD);
  chronicle_.add_local(vrrpd_, events({1}));
  for (uint64_t i = 1; i <= Chronicle::kKept + 5; ++i) chronicle_.add_local(lbd, events({i}));
  EXPECT_EQ(chronicle_.local().events().events_size(), static_cast<int>(Chronicle::kKept) + 1);
  tandem::Events long_ones = events({400});
  long_ones.mutable_events(0)->set_text(std::string(100'000, 'x') + "\n");
  long_ones.mutable_events(0)->set_object("a\tb");
  chronicle_.add_local(lbd, long_ones);
  const tandem::Event kept = news_.back().events().events(0);
  EXPECT_EQ(kept.sequence(), 400u);
  EXPECT_LT(chronicle_.local().ByteSizeLong(), 100'000u);
  // Who is none of the daemons, or whose time makes no sense, is not heard.
  tandem::Events wrong = events({1});
  wrong.mutable_events(0)->set_daemon(tandem::ROLE_SNMP);
  chronicle_.add_remote("lb2", wrong);
  wrong = events({1});
  wrong.mutable_events(0)->set_boot_us(UINT64_MAX);
  chronicle_.add_remote("lb2", wrong);
  EXPECT_EQ(told()[0], "lb2:");
}

TEST(ClockDifference, TheAnswerThatCameTheSoonestCounts) {
  ClockDifference difference;
  EXPECT_FALSE(difference.known());
  difference.take(base::Micros(1'000), base::Micros(500'000), base::Micros(9'000));
  EXPECT_EQ(difference.offset(), base::Micros(-495'000));
  EXPECT_EQ(difference.uncertainty(), base::Micros(4'000));
  difference.take(base::Micros(10'000), base::Micros(510'100), base::Micros(10'200));
  EXPECT_EQ(difference.offset(), base::Micros(-500'000));
  // Nonsense.
  difference.take(base::Micros(10'000), base::Micros(1), base::Micros(9'000));
  difference.take(base::Micros(10'000), base::Micros(INT64_MIN), base::Micros(10'001));
  difference.take(base::Micros(0), base::Micros(1), base::Seconds(11));
  EXPECT_EQ(difference.offset(), base::Micros(-500'000));
  // Clocks drift: old answers are forgotten.
  for (int i = 0; i < 8; ++i) difference.take(base::Micros(0), base::Micros(0), base::Micros(1'000));
  EXPECT_EQ(difference.offset(), base::Micros(500));
}

}  // namespace
}  // namespace syncd
