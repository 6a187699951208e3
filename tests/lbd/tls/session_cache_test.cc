#include "lbd/tls/session_cache.h"

#include <gtest/gtest.h>

namespace lbd::tls {
namespace {

TEST(SessionCacheTest, SessionsLastAsLongAsTheyMay) {
  SessionCache cache(1000, 300);
  cache.put("a", "session", 1000);
  EXPECT_EQ(cache.get("a", 1299), "session");
  EXPECT_EQ(cache.get("b", 1000), "");
  EXPECT_EQ(cache.get("a", 1300), "");
  EXPECT_EQ(cache.get("a", 1000), "");
  cache.put("a", "one", 2000);
  cache.put("a", "two", 2001);
  EXPECT_EQ(cache.get("a", 2300), "two");
  cache.remove("a");
  EXPECT_EQ(cache.get("a", 2001), "");
}

TEST(SessionCacheTest, TheOldestGoWhenItIsFull) {
  SessionCache cache(160, 300);
  for (int i = 0; i < 1000; ++i) cache.put(std::to_string(i), "session", 1000);
  int kept = 0;
  for (int i = 0; i < 1000; ++i) kept += !cache.get(std::to_string(i), 1000).empty();
  EXPECT_LE(kept, 160);
  EXPECT_GT(kept, 100);
  EXPECT_EQ(cache.get("999", 1000), "session");
  EXPECT_EQ(cache.get("0", 1000), "");
}

}  // namespace
}  // namespace lbd::tls
