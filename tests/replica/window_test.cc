#include "replica/window.h"

#include <gtest/gtest.h>

namespace replica {
namespace {

TEST(Window, FillsAndEmpties) {
  Window window(2);
  window.sent(3);
  EXPECT_FALSE(window.full());
  window.sent(8);
  EXPECT_TRUE(window.full());
  EXPECT_TRUE(window.acknowledged(7));
  EXPECT_EQ(window.count(), 1u);
  EXPECT_EQ(window.acknowledged(), 7u);
  EXPECT_TRUE(window.acknowledged(8));
  EXPECT_TRUE(window.empty());
}

TEST(Window, AnOldAcknowledgementIsHarmless) {
  Window window(2);
  window.sent(3);
  EXPECT_TRUE(window.acknowledged(3));
  EXPECT_TRUE(window.acknowledged(1));
  EXPECT_EQ(window.acknowledged(), 3u);
}

TEST(Window, WhatWasNotSentCannotBeAcknowledged) {
  Window window(2);
  EXPECT_FALSE(window.acknowledged(1));
  window.sent(3);
  EXPECT_FALSE(window.acknowledged(4));
}

}  // namespace
}  // namespace replica
