#include "lbd/cache/cache.h"

#include <thread>

#include "tests/lbd/cache/fixture.h"

namespace lbd::cache {
namespace {

const base::MonoTime kNow = base::MonoTime(base::Seconds(1000));

class CacheOfAnswers : public CacheTest {
 protected:
  CacheOfAnswers() {
    config_.total_max_size = 100'000;
    config_.max_object_size = 40'000;
  }
  std::unique_ptr<Recording> record(std::string_view key, Fields fields = {{"cache-control", "max-age=60"}},
                                    const Wanted& wanted = {}) {
    return cache_.record(key, wanted, response(fields), false, kNow, base::WallTime());
  }
  void append(Recording& recording, size_t bytes) {
    base::Buffer piece;
    for (std::string text(bytes, 'x'); piece.size() < bytes;)
      piece.append(chunks_, std::string_view(text).substr(piece.size()));
    recording.append(piece);
  }
  bool keep(std::string_view key, size_t bytes = 10, Fields fields = {{"cache-control", "max-age=60"}},
            const Wanted& wanted = {}) {
    auto recording = record(key, fields, wanted);
    if (!recording) return false;
    append(*recording, bytes);
    recording->finish();
    return true;
  }
  size_t size_of(std::string_view key, base::MonoTime now = kNow, const Wanted& wanted = {}) {
    const Cache::Answer answer = cache_.find(key, wanted, now);
    return answer ? answer->body().size() : 0;
  }

  base::ChunkPool chunks_;
  config::Cache config_;
  Cache cache_{config_};
};

TEST_F(CacheOfAnswers, AnswerIsThereWhenItIsWhole) {
  auto recording = record("a");
  append(*recording, 20'000);
  EXPECT_EQ(size_of("a"), 0u);
  append(*recording, 10'000);
  recording->finish();
  EXPECT_EQ(size_of("a"), 30'000u);
  EXPECT_EQ(size_of("a", kNow + base::Seconds(59)), 30'000u);
  EXPECT_EQ(size_of("a", kNow + base::Seconds(60)), 0u) << "expired";
  EXPECT_EQ(size_of("b"), 0u);
}

TEST_F(CacheOfAnswers, WhatIsCutIsNotKept) {
  {
    auto recording = record("a");
    append(*recording, 10);
    EXPECT_EQ(record("a"), nullptr) << "it is being received";
    EXPECT_GT(cache_.used(), 0u);
  }
  EXPECT_EQ(size_of("a"), 0u);
  EXPECT_EQ(cache_.used(), 0u);
  EXPECT_TRUE(keep("a"));
}

TEST_F(CacheOfAnswers, NothingThatIsTooLarge) {
  EXPECT_TRUE(keep("a", 39'000));
  EXPECT_EQ(size_of("a"), 39'000u);
  keep("b", 40'000);
  EXPECT_EQ(size_of("b"), 0u) << "found out on the way";
  http::Head large = response();
  large.body = http::BodyKind::length;
  large.content_length = 39'990;
  EXPECT_EQ(cache_.record("c", {}, large, false, kNow, {}), nullptr) << "with its head";
  large.body = http::BodyKind::until_close;
  EXPECT_EQ(cache_.record("c", {}, large, false, kNow, {}), nullptr) << "it may have been cut";
}

TEST_F(CacheOfAnswers, TheOldestGoesForANewOne) {
  ASSERT_TRUE(keep("a", 30'000) && keep("b", 30'000) && keep("c", 30'000));
  EXPECT_EQ(size_of("a"), 30'000u) << "and is asked for later than b";
  EXPECT_TRUE(keep("d", 30'000));
  EXPECT_EQ(size_of("b"), 0u);
  EXPECT_TRUE(size_of("a") && size_of("c") && size_of("d"));
  EXPECT_LE(cache_.used(), config_.total_max_size);
}

TEST_F(CacheOfAnswers, WhatIsBeingSentStillCounts) {
  ASSERT_TRUE(keep("a", 30'000));
  Cache::Answer sent = cache_.find("a", {}, kNow);
  cache_.forget("a");
  EXPECT_EQ(size_of("a"), 0u);
  EXPECT_GT(cache_.used(), 30'000u);
  EXPECT_EQ(sent->body().size(), 30'000u);
  ASSERT_TRUE(keep("b", 30'000) && keep("c", 30'000));
  const Cache::Answer second = cache_.find("b", {}, kNow), third = cache_.find("c", {}, kNow);
  keep("d", 30'000);
  EXPECT_EQ(size_of("d"), 0u) << "no room";
  EXPECT_TRUE(size_of("b") && size_of("c")) << "and nothing went for it";
  sent.reset();
  EXPECT_TRUE(keep("d", 30'000));
  EXPECT_EQ(size_of("d"), 30'000u);
}

TEST_F(CacheOfAnswers, ANewAnswerTakesThePlaceOfTheOld) {
  ASSERT_TRUE(keep("a", 10) && keep("a", 20));
  EXPECT_EQ(size_of("a"), 20u);
  size_t count = 0;
  cache_.each(kNow, [&](const Cache::Shown& shown) {
    ++count;
    EXPECT_EQ(shown.left, base::Seconds(60));
    EXPECT_EQ(shown.users, 0);
  });
  EXPECT_EQ(count, 1u);
  cache_.forget("a");
  EXPECT_EQ(cache_.used(), 0u);
}

TEST_F(CacheOfAnswers, Variants) {
  const Wanted gzip{.accept_encoding = "gzip", .referer = {}}, none{.accept_encoding = "", .referer = {}};
  const Fields zipped = {{"etag", "e"}, {"vary", "accept-encoding"}, {"content-encoding", "gzip"}};
  const Fields plain = {{"etag", "e"}, {"vary", "accept-encoding"}};
  EXPECT_FALSE(keep("a", 10, zipped, gzip)) << "process-vary off";
  config_.process_vary = true;
  ASSERT_TRUE(keep("a", 10, zipped, gzip) && keep("a", 20, plain, none));
  EXPECT_EQ(size_of("a", kNow, gzip), 10u);
  EXPECT_EQ(size_of("a", kNow, none), 20u);
  config_.max_secondary_entries = 2;
  const Fields third = {{"etag", "e"}, {"vary", "accept-encoding"}, {"content-encoding", "br"}};
  EXPECT_FALSE(keep("a", 30, third)) << "too many of them";
  EXPECT_TRUE(keep("a", 30, plain, none)) << "but this one is there already";
  EXPECT_EQ(size_of("a", kNow, none), 30u);
  const auto later = cache_.record("a", {}, response(third), false, kNow + base::Seconds(60), {});
  EXPECT_NE(later, nullptr) << "those that have expired are none";
}

TEST_F(CacheOfAnswers, ManyThreads) {
  std::vector<std::thread> threads;
  for (int worker = 0; worker < 3; ++worker)
    threads.emplace_back([this, worker] {
      base::ChunkPool chunks;
      base::BlockPool blocks(4096, 4);
      base::Arena arena(blocks);
      http::Head head(arena);
      head.status = 200;
      head.body = http::BodyKind::chunked;
      head.headers.add("etag", "e");
      for (int i = 0; i < 2000; ++i) {
        const std::string key = std::to_string((i * 7 + worker) % 20);
        if (const Cache::Answer found = cache_.find(key, {}, kNow)) {
          EXPECT_EQ(found->body().size() % 1000, 0u);
          continue;
        }
        auto recording = cache_.record(key, {}, head, false, kNow, {});
        if (!recording) continue;
        base::Buffer piece;
        piece.append(chunks, std::string(1000 * static_cast<size_t>(1 + i % 9), 'x'));
        recording->append(piece);
        if (i % 5) recording->finish();
        if (i % 11 == 0) cache_.forget(key);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache_.used(), config_.total_max_size);
  for (int i = 0; i < 20; ++i) cache_.forget(std::to_string(i));
  EXPECT_EQ(cache_.used(), 0u) << "each byte was given back";
}

}  // namespace
}  // namespace lbd::cache
