#include "lbd/stream/close.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::stream {
namespace {

// Manual 8.5: who ended it, and when.
std::string state(Reason reason, Phase phase) {
  return {row_of(reason).cause, letter_of(phase)};
}

TEST(Close, LettersOfTheManual) {
  EXPECT_EQ(state(Reason::client_timeout, Phase::request), "cR");
  EXPECT_EQ(state(Reason::client_abort, Phase::data), "CD");
  EXPECT_EQ(state(Reason::server_timeout, Phase::headers), "sH");
  EXPECT_EQ(state(Reason::server_timeout, Phase::queue), "sQ");
  EXPECT_EQ(state(Reason::connect_failed, Phase::connect), "SC");
  EXPECT_EQ(state(Reason::bad_request, Phase::request), "PR");
  EXPECT_EQ(state(Reason::denied, Phase::tarpit), "PT");
  EXPECT_EQ(state(Reason::local, Phase::request), "LR");
  EXPECT_EQ(state(Reason::shut_down, Phase::data), "DD");
  EXPECT_EQ(state(Reason::killed, Phase::data), "KD");
  EXPECT_EQ(state(Reason::normal, Phase::done), "--");
}

TEST(Close, WhatAClientIsTold) {
  EXPECT_EQ(status_of(Reason::client_timeout, Phase::request), 408);
  EXPECT_EQ(status_of(Reason::client_abort, Phase::data), 0);
  EXPECT_EQ(status_of(Reason::server_abort, Phase::headers), 502);
  EXPECT_EQ(status_of(Reason::server_timeout, Phase::headers), 504);
  EXPECT_EQ(status_of(Reason::server_timeout, Phase::queue), 503);
  EXPECT_EQ(status_of(Reason::no_server, Phase::connect), 503);
  EXPECT_EQ(status_of(Reason::bad_response, Phase::headers), 502);
}

TEST(Close, EveryReasonHasARow) {
  for (size_t i = 0; i < static_cast<size_t>(Reason::kCount); ++i) {
    const CloseRow& row = row_of(static_cast<Reason>(i));
    EXPECT_FALSE(row.text.empty());
  }
}

}  // namespace
}  // namespace lbd::stream
