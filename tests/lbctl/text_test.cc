#include "lbctl/text.h"

#include <gtest/gtest.h>

namespace lbctl {
namespace {

TEST(Text, WhatComesFromElsewhereCommandsNoTerminal) {
  EXPECT_EQ(printable("a\x1b[2J\tb\x7f"), "a?[2J?b?");
}

TEST(Text, Columns) {
  EXPECT_EQ(in_columns({{"name", "x", "last"}, {"a", "long", ""}, {"b"}}), "name  x     last\na     long\nb\n");
  EXPECT_EQ(in_columns({}), "");
}

TEST(Text, Spans) {
  constexpr int64_t kDay = 86400;
  EXPECT_EQ(span_text(base::Seconds(0)), "0 s");
  EXPECT_EQ(span_text(base::Seconds(119)), "119 s");
  EXPECT_EQ(span_text(base::Seconds(120)), "2 min");
  EXPECT_EQ(span_text(base::Seconds(2 * 3600)), "2 h");
  EXPECT_EQ(span_text(base::Seconds(2 * kDay - 1)), "47 h");
  EXPECT_EQ(span_text(base::Seconds(10 * kDay - 1)), "9 days");
}

TEST(Text, MomentsOfAnyYear) {
  EXPECT_EQ(utc_text(0), "1970-01-01 00:00:00 UTC");
  EXPECT_EQ(utc_text(1'800'000'000), "2027-01-15 08:00:00 UTC");
  EXPECT_EQ(utc_text(INT64_MAX), "9999-12-31 23:59:59 UTC");
}

}  // namespace
}  // namespace lbctl
