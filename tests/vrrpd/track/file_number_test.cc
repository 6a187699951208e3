#include "vrrpd/track/file_number.h"

#include <gtest/gtest.h>

namespace vrrpd {
namespace {

TEST(FileNumber, WhatStandsInTheFile) {
  EXPECT_EQ(number_in("5\n"), 5);
  EXPECT_EQ(number_in("  -20 and more\n"), -20);
  EXPECT_EQ(number_in("+7"), 7);
  EXPECT_EQ(number_in(""), 0);
  EXPECT_EQ(number_in("off"), 0);
  EXPECT_EQ(number_in("99999999999"), INT32_MAX);
}

TEST(FileNumber, WhatItMeans) {
  EXPECT_TRUE(judge_number(1, 0, false).fault);
  EXPECT_FALSE(judge_number(0, 0, false).fault);
  EXPECT_TRUE(judge_number(0, 0, true).fault);
  EXPECT_FALSE(judge_number(1, 0, true).fault);
  EXPECT_EQ(judge_number(-20, 1, false).priority, -20);
  EXPECT_EQ(judge_number(-20, 1, true).priority, 20);
  EXPECT_EQ(judge_number(-2, 30, false).priority, -60);
  EXPECT_FALSE(judge_number(-253, 1, false).fault);
  EXPECT_TRUE(judge_number(-254, 1, false).fault);
  EXPECT_EQ(judge_number(INT32_MAX, INT32_MAX, false).priority, 253);
  EXPECT_FALSE(judge_number(INT32_MAX, INT32_MAX, false).fault);
}

}  // namespace
}  // namespace vrrpd
