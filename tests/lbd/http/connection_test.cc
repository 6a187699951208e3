// The values left over are those that HAProxy 2.6 forwarded.
#include "lbd/http/connection.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace lbd::http {
namespace {

std::string strip(std::initializer_list<std::string_view> fields) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  Headers headers(arena);
  for (std::string_view value : fields) headers.add("connection", value);
  headers.add("x", "close");
  strip_connection(headers);
  std::string left;
  for (const Header& field : headers)
    if (!field.removed()) left += std::string(field.value) + "|";
  return left;
}

TEST(Connection, Strip) {
  EXPECT_EQ(strip({"close"}), "close|");
  EXPECT_EQ(strip({"Keep-Alive"}), "close|");
  EXPECT_EQ(strip({""}), "close|");
  EXPECT_EQ(strip({"X-A, Foo"}), "X-A, Foo|close|");
  EXPECT_EQ(strip({"keep-alive, Upgrade"}), "Upgrade|close|");
  EXPECT_EQ(strip({"keep-alive,close,, x ,Keep-Alive,y"}), "x,y|close|");
  EXPECT_EQ(strip({"a , b, close , c,, d"}), "a , b,c,,d|close|");
  EXPECT_EQ(strip({"a, , b"}), "a, , b|close|");
  EXPECT_EQ(strip({", ,"}), "close|");
  EXPECT_EQ(strip({"a ,close"}), "a|close|");
  EXPECT_EQ(strip({"a", "close", "b"}), "a|b|close|");
  EXPECT_EQ(strip({"close, keep-alive"}), "close|");
}

TEST(Connection, SaysWhetherItCloses) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  auto closes = [&](std::string_view value) {
    Headers headers(arena);
    headers.add("connection", value);
    return strip_connection(headers);
  };
  EXPECT_TRUE(closes("close"));
  EXPECT_TRUE(closes("x, Close"));
  EXPECT_FALSE(closes("keep-alive"));
  EXPECT_FALSE(closes("closed"));
  EXPECT_FALSE(closes(""));
}

TEST(Connection, Value) {
  using enum Version;
  EXPECT_EQ(connection_value(true, http_1_1, http_1_1), "");
  EXPECT_EQ(connection_value(false, http_1_1, http_1_1), "close");
  EXPECT_EQ(connection_value(true, http_1_0, http_1_0), "keep-alive");
  EXPECT_EQ(connection_value(false, http_1_0, http_1_0), "");
  EXPECT_EQ(connection_value(false, http_1_0, http_1_1), "");
  EXPECT_EQ(connection_value(true, http_1_0, http_1_1), "keep-alive");
  EXPECT_EQ(connection_value(true, http_1_1, http_1_0), "keep-alive");
  EXPECT_EQ(connection_value(false, http_1_1, http_1_0), "close");
}

}  // namespace
}  // namespace lbd::http
