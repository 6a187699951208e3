#include "lbd/cache/stored_answer.h"

#include <memory>

#include "tests/lbd/cache/fixture.h"

namespace lbd::cache {
namespace {

const base::MonoTime kNow = base::MonoTime(base::Seconds(1000));
const base::WallTime kWall = base::WallTime(std::chrono::seconds(1700000000));  // 14 Nov 2023 22:13:20

class StoredAnswerTest : public CacheTest {
 protected:
  std::unique_ptr<StoredAnswer> keep(const http::Head& response, Lifetime lifetime = {base::Seconds(60)}) {
    return std::make_unique<StoredAnswer>(response, Variant{}, lifetime, kNow, kWall);
  }
  std::string given(const StoredAnswer& answer, base::MonoTime now = kNow) {
    http::Head head(arena_);
    answer.fill(head, now);
    std::string text = std::to_string(head.status) + " " + std::string(head.reason) + "\n";
    for (const http::Header& field : head.headers)
      text += std::string(field.name) + ": " + std::string(field.value) + "\n";
    return text;
  }
};

TEST_F(StoredAnswerTest, ComesAgainWithItsAge) {
  http::Head head = response({{"x", "1"}, {"y", "2"}, {"age", "7"}, {"transfer-encoding", "chunked"}});
  head.reason = "Fine";
  head.headers.remove("y");
  const auto answer = keep(head, {base::Seconds(60), base::Seconds(7)});
  EXPECT_EQ(given(*answer), "200 Fine\nx: 1\ntransfer-encoding: chunked\nage: 7\n");
  EXPECT_EQ(given(*answer, kNow + base::Millis(3999)), "200 Fine\nx: 1\ntransfer-encoding: chunked\nage: 10\n");
  EXPECT_EQ(answer->expires(), kNow + base::Seconds(60));
}

// What came over HTTP/2 need not say how it ends.
TEST_F(StoredAnswerTest, IsFramed) {
  http::Head head = response({});
  EXPECT_EQ(given(*keep(head)), "200 OK\ntransfer-encoding: chunked\nage: 0\n");
  head.body = http::BodyKind::none;
  EXPECT_EQ(given(*keep(head)), "200 OK\ncontent-length: 0\nage: 0\n");
}

TEST_F(StoredAnswerTest, WhatTheClientHas) {
  const auto tagged = keep(response({{"etag", "W/\"e\""}, {"last-modified", "Sat, 01 Jan 2022 00:00:00 GMT"}}));
  for (const char* tags : {"\"e\"", "W/\"e\"", "\"x\", \"e\"", "*"})
    EXPECT_TRUE(tagged->is_known_to(request({{"if-none-match", tags}}))) << tags;
  for (const char* tags : {"e", "\"f\"", ""})
    EXPECT_FALSE(tagged->is_known_to(request({{"if-none-match", tags}}))) << tags;
  EXPECT_FALSE(tagged->is_known_to(request()));
  EXPECT_TRUE(tagged->is_known_to(request({{"if-modified-since", "Sat, 01 Jan 2022 00:00:00 GMT"}})));
  EXPECT_FALSE(tagged->is_known_to(request({{"if-modified-since", "Fri, 31 Dec 2021 23:59:59 GMT"}})));
  EXPECT_FALSE(tagged->is_known_to(request({{"if-modified-since", "yesterday"}})));
  EXPECT_FALSE(tagged->is_known_to(
      request({{"if-none-match", "\"f\""}, {"if-modified-since", "Sat, 01 Jan 2022 00:00:00 GMT"}})))
      << "the tag is what counts";
  const auto plain = keep(response({}));
  EXPECT_FALSE(plain->is_known_to(request({{"if-none-match", "\"e\""}})));
  EXPECT_TRUE(plain->is_known_to(request({{"if-modified-since", "Tue, 14 Nov 2023 22:13:20 GMT"}}))) << "when it came";
  EXPECT_FALSE(plain->is_known_to(request({{"if-modified-since", "Tue, 14 Nov 2023 22:13:19 GMT"}})));
}

}  // namespace
}  // namespace lbd::cache
