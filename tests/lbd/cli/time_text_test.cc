#include "lbd/cli/time_text.h"

#include <gtest/gtest.h>

namespace lbd::cli {
namespace {

using namespace std::chrono_literals;

TEST(TimeText, DurationsHaveTwoUnits) {
  EXPECT_EQ(duration_text(0s), "0s");
  EXPECT_EQ(duration_text(-5s), "0s");
  EXPECT_EQ(duration_text(59999ms), "59s");
  EXPECT_EQ(duration_text(60s), "1m");
  EXPECT_EQ(duration_text(146s), "2m26s");
  EXPECT_EQ(duration_text(3h), "3h");
  EXPECT_EQ(duration_text(3h + 61s), "3h1m");
  EXPECT_EQ(duration_text(49h), "2d1h");
}

TEST(TimeText, WhatNeverComesHasAWord) {
  const base::MonoTime now{1000s};
  EXPECT_EQ(remaining_text(base::kNever, now, "<NEVER>"), "<NEVER>");
  EXPECT_EQ(remaining_text(now + 5s, now, ""), "5s");
}

TEST(TimeText, DatesHaveAFraction) {
  const base::WallTime when{base::Micros(1'500'000'000'012'345)};
  EXPECT_TRUE(date_text(when, 3).ends_with(".012"));
  EXPECT_TRUE(date_text(when, 6).ends_with(".012345"));
}

}  // namespace
}  // namespace lbd::cli
