#include "replica/part_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace replica {
namespace {

constexpr int64_t kNow = 1'000'000;

struct Told {
  std::string key, value;
  uint64_t origin, version, cleared = 0;
  int64_t deadline = kNow + 1000;
};

class PartStoreTest : public testing::Test {
 protected:
  PartStore::Put put(PartStore& store, const Told& told, uint32_t source = 0, int64_t now = kNow) {
    return store.put({.table = "t",
                      .key = told.key,
                      .value = told.value,
                      .origin = told.origin,
                      .version = told.version,
                      .cleared = told.cleared,
                      .node = "n",
                      .deadline = told.deadline},
                     source, now);
  }
  PartStore::Put put(const Told& told, int64_t now = kNow) { return put(store_, told, 0, now); }
  // "key/origin=value" of what is behind the beginning.
  static std::vector<std::string> all(PartStore& store) {
    PartStore::Cursor cursor(store);
    cursor.rewind(0);
    std::vector<std::string> out;
    while (const auto* part = cursor.next())
      out.push_back(std::string(part->key()) + "/" + std::to_string(store.origin(part->origin).id) + "=" +
                    std::string(part->value()));
    return out;
  }
  PartStore store_{1000};
};

TEST_F(PartStoreTest, OfEachProcessTheLatestPartIsKept) {
  EXPECT_EQ(put({"k", "a", 1, 10}), PartStore::Put::taken);
  EXPECT_EQ(put({"k", "b", 2, 5}), PartStore::Put::taken);
  EXPECT_EQ(put({"k", "old", 1, 9}), PartStore::Put::known);
  EXPECT_EQ(put({"k", "a", 1, 10}), PartStore::Put::known);
  EXPECT_EQ(put({"k", "c", 1, 11}), PartStore::Put::taken);
  EXPECT_EQ(all(store_), (std::vector<std::string>{"k/2=b", "k/1=c"}));
  EXPECT_EQ(store_.objects(), 1u);
}

TEST_F(PartStoreTest, TheOrderOfWhatIsToldDoesNotMatter) {
  std::mt19937 random(7);
  std::vector<Told> told;
  for (int i = 0; i < 200; ++i)
    told.push_back({"k" + std::to_string(random() % 5), "v" + std::to_string(i), random() % 3 + 1, random() % 50 + 1,
                    random() % 20 == 0 ? random() % 40 : 0});
  // Of one process no two parts have one version.
  std::sort(told.begin(), told.end(), [](const Told& a, const Told& b) {
    return std::tie(a.key, a.origin, a.version) < std::tie(b.key, b.origin, b.version);
  });
  told.erase(std::unique(told.begin(), told.end(),
                         [](const Told& a, const Told& b) {
                           return std::tie(a.key, a.origin, a.version) == std::tie(b.key, b.origin, b.version);
                         }),
             told.end());
  std::vector<std::string> expected;
  for (int round = 0; round < 50; ++round) {
    PartStore store(1000);
    std::shuffle(told.begin(), told.end(), random);
    for (const Told& one : told) put(store, one);
    for (size_t i = 0; i < told.size(); i += 3) put(store, told[i]);  // some twice
    auto now = all(store);
    std::sort(now.begin(), now.end());
    if (round == 0) expected = now;
    ASSERT_EQ(now, expected);
  }
}

TEST_F(PartStoreTest, WhatComesBehindItsDeadlineDoesNotComeBack) {
  put({"k", "a", 1, 10});
  EXPECT_EQ(put({"k", "b", 2, 11}, kNow + 1000), PartStore::Put::late);
  // Another one of the same key knows nothing of the one that ended, although nobody swept it away.
  EXPECT_EQ(put({"k", "c", 2, 12, 0, kNow + 5000}, kNow + 1001), PartStore::Put::taken);
  EXPECT_EQ(all(store_), std::vector<std::string>{"k/2=c"});
}

TEST_F(PartStoreTest, ThePartsOfAnObjectEndTogether) {
  put({"k", "a", 1, 10});
  put({"k", "b", 2, 11, 0, kNow + 5000});
  store_.sweep(100, kNow + 2000);
  EXPECT_EQ(store_.parts(), 2u);
  store_.sweep(100, kNow + 5000);
  EXPECT_EQ(store_.parts(), 0u);
  EXPECT_EQ(store_.objects(), 0u);
}

TEST_F(PartStoreTest, WhatIsClearedStaysCleared) {
  put({"k", "a", 1, 10});
  put({"k", "", 2, 21, 20});
  EXPECT_EQ(put({"k", "late", 1, 15}), PartStore::Put::known);
  EXPECT_EQ(put({"k", "anew", 1, 30}), PartStore::Put::taken);
  EXPECT_EQ(all(store_), (std::vector<std::string>{"k/2=", "k/1=anew"}));
}

TEST_F(PartStoreTest, ManyAtOnceAreAsOneByOne) {
  std::mt19937 random(5);
  PartStore single(100), together(100);
  for (int round = 0; round < 50; ++round) {
    std::vector<Told> told;
    for (int i = 0; i < 100; ++i)
      told.push_back({"k" + std::to_string(random() % 60), std::string(random() % 70, 'v'), random() % 2 + 1,
                      random() % 1000, random() % 30 == 0 ? random() % 800 : 0});
    std::vector<PartStore::News> news;
    for (const Told& one : told) {
      news.push_back({.table = one.origin == 1 ? "t" : "u",
                      .key = one.key,
                      .value = one.value,
                      .origin = one.origin,
                      .version = one.version,
                      .cleared = one.cleared,
                      .node = "n",
                      .deadline = one.deadline});
      single.put(news.back(), 0, kNow);
    }
    together.put(news, 0, kNow);
    ASSERT_EQ(all(together), all(single));
  }
  EXPECT_EQ(together.counters().refused.get(), single.counters().refused.get());
  EXPECT_GT(together.objects(), 10u);
}

TEST_F(PartStoreTest, CursorsSeeEachChangeOnce) {
  PartStore::Cursor cursor(store_);
  for (int i = 1; i <= 3; ++i) put({"k" + std::to_string(i), "a", 1, static_cast<uint64_t>(i)});
  EXPECT_EQ(cursor.next()->key(), "k1");
  for (uint64_t version = 10; version < 20; ++version) put({"k2", "a", 1, version});
  EXPECT_EQ(cursor.next()->key(), "k3");
  const auto* last = cursor.next();
  EXPECT_EQ(last->key(), "k2");
  const uint64_t sequence = last->sequence;
  EXPECT_EQ(cursor.next(), nullptr);
  put({"k9", "a", 1, 99});
  cursor.rewind(sequence);
  EXPECT_EQ(cursor.next()->key(), "k9");
  EXPECT_EQ(cursor.next(), nullptr);
}

TEST_F(PartStoreTest, IsBounded) {
  PartStore small(10);
  for (uint64_t i = 1; i <= 100; ++i) put(small, {"k" + std::to_string(i), "v", 1, i});
  EXPECT_EQ(small.parts(), 10u);
  EXPECT_EQ(all(small).front(), "k91/1=v");
  EXPECT_EQ(small.counters().evicted.get(), 90u);
  for (int i = 0; i < 10000; ++i)
    small.put({.table = "t" + std::to_string(i), .key = "k", .value = "v", .origin = 1, .version = 1, .node = "n"}, 0,
              kNow);
  EXPECT_EQ(small.tables().size(), Names::kMost);
  EXPECT_GT(small.counters().refused.get(), 5000u);
}

TEST_F(PartStoreTest, NonsenseIsRefused) {
  EXPECT_EQ(put({std::string(40000, 'k'), "v", 1, 1}), PartStore::Put::refused);
  EXPECT_EQ(put({"k", std::string(70000, 'v'), 1, 1}), PartStore::Put::refused);
  EXPECT_EQ(put({"k", "v", 1, 0}), PartStore::Put::refused);
  EXPECT_EQ(put({"k", "v", 1, UINT64_MAX}), PartStore::Put::refused);
  EXPECT_EQ(put({"k", "v", 1, 1, 0, -1}), PartStore::Put::refused);
}

class PatternListsTest : public PartStoreTest {
 protected:
  static PartStore::Put put_in(PartStore& store, std::string_view table, const Told& told) {
    return store.put({.table = table,
                      .key = told.key,
                      .value = told.value,
                      .origin = told.origin,
                      .version = told.version,
                      .cleared = told.cleared,
                      .node = "n",
                      .deadline = told.deadline},
                     0, kNow);
  }
};

TEST_F(PatternListsTest, APartWithoutAKeyVoidsTheOlderOnesOfItsList) {
  for (const char* key : {"a", "b", "c"}) put_in(store_, "list/map/m", {key, "v", 1, 10, 0, 0});
  put_in(store_, "list/map/other", {"a", "other", 1, 10, 0, 0});
  put_in(store_, "list/map/m", {"b", "later", 1, 30, 29, 0});
  EXPECT_EQ(put_in(store_, "list/map/m", {"", "epoch", 2, 21, 20, 0}), PartStore::Put::taken);
  EXPECT_EQ(put_in(store_, "list/map/m", {"d", "old", 2, 20, 19, 0}), PartStore::Put::known);
  store_.sweep(100, kNow);
  EXPECT_EQ(all(store_), (std::vector<std::string>{"a/1=other", "b/1=later", "/2=epoch"}));
  EXPECT_EQ(store_.objects(), 3u);
}

TEST_F(PatternListsTest, WhatClientsCauseTakesNoRoomFromThem) {
  PartStore store(10);
  for (int i = 0; i < 5; ++i) put_in(store, "list/acl/l", {"k" + std::to_string(i), "v", 1, 10, 0, 0});
  for (int i = 0; i < 100; ++i) put(store, {"t" + std::to_string(i), "v", 1, 10});
  EXPECT_EQ(store.parts(), 10u);
  const auto kept = all(store);
  EXPECT_EQ(std::count_if(kept.begin(), kept.end(), [](const std::string& one) { return one[0] == 'k'; }), 5);
  // But they do not grow beyond the limit.
  for (int i = 0; i < 100; ++i) put_in(store, "list/acl/l", {"m" + std::to_string(i), "v", 1, 10, 0, 0});
  EXPECT_EQ(store.parts(), 10u);
}

}  // namespace
}  // namespace replica
