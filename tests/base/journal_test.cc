#include "base/journal.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Journal, KeepsTheLastOnesInOrder) {
  Journal journal;
  int heard = 0;
  journal.set_listener([&] { ++heard; });
  for (size_t i = 0; i < Journal::kKept + 3; ++i) journal.add("server", "web/s1", "is DOWN");
  EXPECT_EQ(heard, static_cast<int>(Journal::kKept) + 3);
  ASSERT_EQ(journal.events().size(), Journal::kKept);
  EXPECT_EQ(journal.events().front().sequence, 4u);
  EXPECT_EQ(journal.events().back().sequence, Journal::kKept + 3);
  for (size_t i = 1; i < Journal::kKept; ++i) EXPECT_GE(journal.events()[i].boot, journal.events()[i - 1].boot);
}

TEST(Journal, WhatOthersWroteIsMadePlainAndShort) {
  Journal journal;
  journal.add("server", std::string(1000, 'o'), "info: \"\x1b[2J\xff\n\"" + std::string(1000, 't'));
  const Journal::Event& event = journal.events().back();
  EXPECT_EQ(event.object.size(), Journal::kLongestName);
  EXPECT_EQ(event.text.size(), Journal::kLongestText);
  EXPECT_TRUE(event.text.starts_with("info: \"?[2J??\"ttt")) << event.text;
}

TEST(Journal, TheClockOfTheSystemRuns) {
  const Micros before = boot_now();
  EXPECT_GT(before, Micros(0));
  EXPECT_GE(boot_now(), before);
  EXPECT_EQ(boot_id(), boot_id());
}

}  // namespace
}  // namespace base
