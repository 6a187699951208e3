#include "lbd/smtp_reply.h"

#include <gtest/gtest.h>

namespace lbd {
namespace {

TEST(SmtpReply, OfOneLineAndOfSeveral) {
  std::string bytes = "220 here\r\n250-a\r\n250-b\r\n250 c\r\n354";
  EXPECT_EQ(take_smtp_reply(bytes)->code, 220);
  const auto second = take_smtp_reply(bytes);
  EXPECT_EQ(second->code, 250);
  EXPECT_EQ(second->line, "250 c");
  EXPECT_FALSE(take_smtp_reply(bytes));
  EXPECT_EQ(bytes, "354");
  bytes += "\n";
  EXPECT_EQ(take_smtp_reply(bytes)->code, 354);
}

TEST(SmtpReply, WhatIsNoneHasNoCode) {
  for (std::string wrong : {"\r\n", "hello\r\n", "2x0 x\n", "-12 x\n"})
    EXPECT_LE(take_smtp_reply(wrong)->code, 0) << wrong;
}

}  // namespace
}  // namespace lbd
