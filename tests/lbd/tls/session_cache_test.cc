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

TEST(SessionCache, TellsWhatIsNewAndLearnsWhatOthersHave) {
  SessionCache cache(160, 300), other(160, 300);
  auto news = [](SessionCache& from) {
    std::vector<std::string> ids;
    from.take_news([&](std::string_view id, const std::string&, int64_t) { ids.emplace_back(id); });
    return ids;
  };
  cache.put("before", "session", 1000);
  EXPECT_TRUE(news(cache).empty());  // nobody wanted to know
  cache.put("a", "session", 1000);
  EXPECT_EQ(news(cache), std::vector<std::string>{"a"});
  EXPECT_TRUE(news(cache).empty());
  cache.mark_all();
  EXPECT_EQ(news(cache).size(), 2u);
  other.learn("a", "session", 1300, 1000);
  other.learn("far", "session", 1'000'000, 1000);
  other.learn("old", "session", 1000, 1000);
  EXPECT_EQ(other.get("a", 1200), "session");
  EXPECT_EQ(other.get("far", 1301), "");  // no longer than its own
  EXPECT_EQ(other.get("old", 1000), "");
  other.mark_all();
  EXPECT_TRUE(news(other).empty());
  for (int i = 0; i < 100'000; ++i) cache.put(std::to_string(i), "session", 1000);
  EXPECT_LE(news(cache).size(), 160u);
}

}  // namespace
}  // namespace lbd::tls
