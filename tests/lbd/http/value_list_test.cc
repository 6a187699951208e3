// The counts are those of HAProxy 2.6 (req.hdr_cnt, req.hdr).
#include "lbd/http/value_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lbd::http {
namespace {

std::vector<std::string> values(std::string_view list) {
  std::vector<std::string> all;
  std::string_view value;
  for (size_t at = 0; next_list_value(list, at, value);) all.emplace_back(value);
  return all;
}

TEST(ValueList, Values) {
  using testing::ElementsAre;
  EXPECT_THAT(values("a"), ElementsAre("a"));
  EXPECT_THAT(values("a,,b"), ElementsAre("a", "", "b"));
  EXPECT_THAT(values(","), ElementsAre("", ""));
  EXPECT_THAT(values(""), ElementsAre(""));
  EXPECT_THAT(values(" , a\t"), ElementsAre("", "a"));
  EXPECT_THAT(values("a, \"b,c\" ,d"), ElementsAre("a", "\"b,c\"", "d"));
  EXPECT_THAT(values("\"a\\\"b,c\",d"), ElementsAre("\"a\\\"b,c\"", "d"));
  EXPECT_THAT(values("a;b"), ElementsAre("a;b"));
  EXPECT_THAT(values("\"a,b"), ElementsAre("\"a,b"));
}

TEST(ValueList, Has) {
  EXPECT_TRUE(list_has("gzip, Chunked", "chunked"));
  EXPECT_FALSE(list_has("gzip, chunked2", "chunked"));
}

}  // namespace
}  // namespace lbd::http
