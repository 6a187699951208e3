#include "vrrpd/track/tracker.h"

#include <gtest/gtest.h>

namespace vrrpd {
namespace {

TEST(Track, WhatUpAndDownMean) {
  struct Case {
    int weight;
    bool reverse;
    Verdict up, down;
  };
  const Case cases[] = {
      {0, false, {false, 0}, {true, 0}},      {0, true, {true, 0}, {false, 0}},
      {20, false, {false, 20}, {false, 0}},   {20, true, {false, -20}, {false, 0}},
      {-20, false, {false, 0}, {false, -20}}, {-20, true, {false, 0}, {false, 20}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.weight << " " << c.reverse);
    EXPECT_EQ(judge_tracker(true, c.weight, c.reverse).fault, c.up.fault);
    EXPECT_EQ(judge_tracker(true, c.weight, c.reverse).priority, c.up.priority);
    EXPECT_EQ(judge_tracker(false, c.weight, c.reverse).fault, c.down.fault);
    EXPECT_EQ(judge_tracker(false, c.weight, c.reverse).priority, c.down.priority);
  }
}

class Switch final : public Tracker {
 public:
  explicit Switch(bool up) : Tracker("track_switch", "s", up) {}
  using Tracker::set_up;
};

class User final : public TrackerUser {
 public:
  void on_tracker(const Tracker& tracker) override {
    ++told;
    up = tracker.up();
    if (leave) leave->reset();
  }
  int told = 0;
  bool up = false;
  std::optional<Tracking>* leave = nullptr;
};

TEST(Track, UsersAreToldOfChangesOnly) {
  auto tracker = std::make_shared<Switch>(false);
  User user;
  TrackerUse use;
  use.weight = 0;
  const Tracking tracking(tracker, use, user);
  tracker->set_up(false);
  EXPECT_EQ(user.told, 0);
  tracker->set_up(true);
  EXPECT_EQ(user.told, 1);
  EXPECT_TRUE(user.up);
  EXPECT_FALSE(tracking.verdict().fault);
  EXPECT_EQ(tracker->describe(), "switch s");
}

TEST(Track, AUserMayLeaveWhileUsersAreTold) {
  auto tracker = std::make_shared<Switch>(false);
  User first, second;
  TrackerUse use;
  std::optional<Tracking> of_first, of_second;
  of_first.emplace(tracker, use, first);
  of_second.emplace(tracker, use, second);
  first.leave = &of_second;
  tracker->set_up(true);
  EXPECT_EQ(first.told, 1);
  EXPECT_EQ(second.told, 0);
}

}  // namespace
}  // namespace vrrpd
