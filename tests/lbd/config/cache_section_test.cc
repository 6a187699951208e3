// cache sections: sizes, limits, and the names that rules and filters give.
#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_http;

TEST(CacheSection, Words) {
  const auto loaded = load_http(
      "cache c\n total-max-size 4\n max-object-size 1000\n max-age 5\n process-vary on\n max-secondary-entries 3\n"
      "cache small\n total-max-size 1\nfrontend fe\n bind :80\n filter cache small\n");
  EXPECT_EQ(loaded.said(), "");
  ASSERT_EQ(loaded.config->caches.size(), 2u);
  const Cache& cache = *loaded.config->find_cache("c");
  EXPECT_EQ(cache.total_max_size, 4u << 20);
  EXPECT_EQ(cache.max_object_size, 1000u);
  EXPECT_EQ(cache.max_age, base::Seconds(5));
  EXPECT_TRUE(cache.process_vary);
  EXPECT_EQ(cache.max_secondary_entries, 3u);
  const Cache& small = *loaded.config->find_cache("small");
  EXPECT_EQ(small.index, 1u);
  EXPECT_EQ(small.max_object_size, 4096u) << "a 256th";
  EXPECT_EQ(small.max_age, base::Seconds(60));
  EXPECT_FALSE(small.process_vary);
}

TEST(CacheSection, Errors) {
  EXPECT_TRUE(load_http("cache c\n max-age 5\n").says("the cache 'c' has no size"));
  EXPECT_TRUE(load_http("cache c\n total-max-size 1\n max-object-size 600000\n").says("has no room for two answers"));
  EXPECT_TRUE(load_http("cache c\n total-max-size 4096\n").says("total-max-size"));
  EXPECT_TRUE(load_http("cache c\n total-max-size 1\n process-vary maybe\n")
                  .says("'process-vary' is 'on' or 'off'; it is as before"));
  EXPECT_TRUE(load_http("cache c\n total-max-size 1\n max-secondary-entries 0\n").says("max-secondary-entries"));
  EXPECT_TRUE(
      load_http("cache c\n total-max-size 1\ncache c\n total-max-size 1\n").says("there is a cache 'c' already"));
  EXPECT_TRUE(load_http("cache c\n total-size 1\n").says("total-max-size"));
  EXPECT_TRUE(load_http("frontend fe\n bind :80\n filter cache c\n").says("there is no cache 'c'"));
}

}  // namespace
}  // namespace lbd::config
