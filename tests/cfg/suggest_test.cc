#include "cfg/suggest.h"

#include <gtest/gtest.h>

namespace cfg {
namespace {

const std::vector<std::string_view> kKnown = {"maxconn", "mode", "bind", "default_backend", "timeout"};

TEST(SuggestTest, FindsTheNearestWord) {
  EXPECT_EQ(suggest("maxcon", kKnown), "maxconn");
  EXPECT_EQ(suggest("mdoe", kKnown), "mode");
  EXPECT_EQ(suggest("default-backend", kKnown), "default_backend");
  EXPECT_EQ(suggest("TIMEOUT", kKnown), "timeout");
}

TEST(SuggestTest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(suggest("zzzz", kKnown), "");
  EXPECT_EQ(suggest("", kKnown), "");
  EXPECT_EQ(did_you_mean(std::string(1000, 'x'), kKnown), "");
}

TEST(SuggestTest, Sentence) {
  EXPECT_EQ(did_you_mean("bidn", kKnown), "did you mean 'bind'?");
}

}  // namespace
}  // namespace cfg
