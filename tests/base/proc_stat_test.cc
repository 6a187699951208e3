#include "base/proc_stat.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace base {
namespace {

TEST(ProcStat, IsParsed) {
  const auto stat = parse_proc_stat("42 (a) (b) c) T 7 42 42 0 -1");
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->name, "a) (b) c");
  EXPECT_EQ(stat->state, 'T');
  EXPECT_EQ(stat->parent, 7);
  EXPECT_TRUE(stat->stopped());
  EXPECT_FALSE(stat->ended());
}

TEST(ProcStat, StatesThatMatter) {
  EXPECT_TRUE(parse_proc_stat("1 (x) t 0 ")->stopped());
  EXPECT_TRUE(parse_proc_stat("1 (x) Z 0 ")->ended());
  EXPECT_TRUE(parse_proc_stat("1 (x) X 0 ")->ended());
  EXPECT_FALSE(parse_proc_stat("1 (x) R 0 ")->stopped());
}

TEST(ProcStat, WhatMakesNoSense) {
  for (const char* text : {"", "1", "1 (x", "1 x) R 1", ") (", "1 (x)", "1 (x) ", "1 (x) R", "1 (x) RR 1", "1 (x) R y"})
    EXPECT_FALSE(parse_proc_stat(text)) << text;
}

TEST(ProcStat, OfThisProcess) {
  const auto stat = read_proc_stat(getpid());
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->parent, getppid());
  EXPECT_EQ(stat->state, 'R');
  EXPECT_EQ(read_own_thread_stat(gettid())->name, stat->name);
  EXPECT_FALSE(read_proc_stat(-1));
}

}  // namespace
}  // namespace base
