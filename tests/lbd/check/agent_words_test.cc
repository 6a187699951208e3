#include "lbd/check/agent_words.h"

#include <gtest/gtest.h>

namespace lbd::check {
namespace {

TEST(AgentWords, SayStateWeightAndMaxconn) {
  const AgentWords words = parse_agent_words("up ready,75%\tmaxconn:30");
  EXPECT_EQ(words.up, true);
  EXPECT_EQ(words.state, "up");
  EXPECT_EQ(words.admin, server::OperatorState::ready);
  EXPECT_EQ(words.percent, 75u);
  EXPECT_EQ(words.maxconn, 30u);
  EXPECT_EQ(words.complaint, "");
}

TEST(AgentWords, EveryWordForDownIsKept) {
  for (const char* word : {"down", "fail", "stopped", "DOWN"}) {
    const AgentWords words = parse_agent_words(word);
    EXPECT_EQ(words.up, false) << word;
    EXPECT_EQ(words.state, word);
  }
}

TEST(AgentWords, BehindAHashIsForPeople) {
  EXPECT_EQ(parse_agent_words("fail # disk full").description, "disk full");
  EXPECT_FALSE(parse_agent_words("#down").up);
  EXPECT_FALSE(parse_agent_words("50% # down").up);
}

TEST(AgentWords, WhatIsNoWordIsComplainedOf) {
  EXPECT_EQ(parse_agent_words("nonsense up").complaint, "agent reports an error : nonsense");
  EXPECT_EQ(parse_agent_words("nonsense up").up, true);
  EXPECT_EQ(parse_agent_words("5x%").complaint, "agent warns : Trailing garbage in weight string");
  EXPECT_FALSE(parse_agent_words("5x%").percent);
  EXPECT_EQ(parse_agent_words("maxconn:").complaint, "agent warns : maxconn string empty or preceded by garbage");
  EXPECT_FALSE(parse_agent_words("99999999999%").percent);
}

TEST(AgentWords, NothingSaysNothing) {
  const AgentWords words = parse_agent_words(" ,\t ");
  EXPECT_FALSE(words.up || words.admin || words.percent || words.maxconn);
  EXPECT_EQ(words.complaint, "");
}

}  // namespace
}  // namespace lbd::check
