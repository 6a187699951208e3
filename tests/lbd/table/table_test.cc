#include "lbd/table/table.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace lbd::table {
namespace {

using namespace std::chrono_literals;
using config::StickTable;

constexpr base::MonoTime kStart = base::MonoTime(1h);

StickTable ip_table(uint64_t size, base::Millis expire = 0ms) {
  StickTable table;
  table.key_length = 4;
  table.size = size;
  table.expire = expire;
  table.add({.type = config::data_type("http_req_cnt")});
  table.add({.type = config::data_type("http_req_rate"), .period = 10s});
  table.add({.type = config::data_type("bytes_in_cnt")});
  table.add({.type = config::data_type("gpc"), .count = 3});
  return table;
}

Key key_of(const uint32_t& number) {
  return {reinterpret_cast<const char*>(&number), 4};
}

class TableTest : public testing::Test {
 protected:
  void make(uint64_t size, base::Millis expire = 0ms, bool nopurge = false) {
    config_ = ip_table(size, expire);
    config_.nopurge = nopurge;
    table_ = std::make_unique<Table>(config_);
  }
  const Field& field(std::string_view name, size_t element = 0) {
    const Field* found = table_->layout().find(config::data_type(name), element);
    EXPECT_NE(found, nullptr) << name;
    return *found;
  }
  bool has(uint32_t key, base::MonoTime now = kStart) {
    return table_->with(key_of(key), Table::Use::look, now, [](Record&) {});
  }
  bool touch(uint32_t key, base::MonoTime now = kStart) {
    return table_->with(key_of(key), Table::Use::create, now, [](Record&) {});
  }
  bool hold(uint32_t key) {
    return table_->hold(key_of(key), kStart, [](Record&) {});
  }
  void let_go(uint32_t key, base::MonoTime now) {
    table_->let_go(key_of(key), now, [](Record&) {});
  }
  uint64_t get(uint32_t key, std::string_view name, base::MonoTime now = kStart) {
    uint64_t value = 0;
    table_->with(key_of(key), Table::Use::look, now, [&](Record& record) { value = record.get(field(name)); });
    return value;
  }

  StickTable config_;
  std::unique_ptr<Table> table_;
};

TEST_F(TableTest, FindsWhatWasMadeAndNothingElse) {
  make(1'000'000);
  for (uint32_t i = 0; i < 50'000; ++i)
    ASSERT_TRUE(table_->with(key_of(i), Table::Use::create, kStart,
                             [&](Record& record) { record.set(field("http_req_cnt"), i * 3); }));
  EXPECT_EQ(table_->used(), 50'000u);
  for (uint32_t i = 0; i < 50'000; ++i) ASSERT_EQ(get(i, "http_req_cnt"), i * 3u);
  for (uint32_t i = 50'000; i < 60'000; ++i) ASSERT_FALSE(has(i));
  EXPECT_EQ(table_->used(), 50'000u);
}

TEST_F(TableTest, DataOfEveryKindStandsBesideTheOthers) {
  make(10);
  table_->with(key_of(1), Table::Use::create, kStart, [&](Record& record) {
    record.add(field("bytes_in_cnt"), uint64_t{1} << 40);
    record.add(field("http_req_cnt"), 7);
    for (size_t i = 0; i < 3; ++i) record.add(field("gpc", i), i + 1);
    record.add(field("http_req_rate"), 9);
  });
  EXPECT_EQ(get(1, "bytes_in_cnt"), uint64_t{1} << 40);
  EXPECT_EQ(get(1, "http_req_cnt"), 7u);
  EXPECT_EQ(get(1, "gpc"), 1u);
  EXPECT_EQ(get(1, "gpc1"), 2u);  // an element of the array
  EXPECT_EQ(get(1, "http_req_rate"), 9u);
  EXPECT_EQ(table_->layout().find(config::data_type("gpc"), 3), nullptr);
  EXPECT_EQ(table_->layout().find(config::data_type("gpt0")), nullptr);
}

TEST_F(TableTest, TheOldestMakesRoom) {
  make(3);
  touch(1, kStart);
  touch(2, kStart + 1s);
  touch(3, kStart + 2s);
  touch(1, kStart + 3s);
  touch(4, kStart + 4s);
  EXPECT_TRUE(has(1, kStart + 5s));
  EXPECT_FALSE(has(2, kStart + 5s));
  EXPECT_TRUE(has(3, kStart + 5s));
  EXPECT_TRUE(has(4, kStart + 5s));
  EXPECT_EQ(table_->used(), 3u);
}

TEST_F(TableTest, AFullTableThatDoesNotPurgeTakesNoMore) {
  make(2, 10s, true);
  EXPECT_TRUE(touch(1));
  EXPECT_TRUE(touch(2));
  EXPECT_FALSE(touch(3));
  EXPECT_TRUE(touch(3, kStart + 11s));
}

TEST_F(TableTest, LargeTablesStayAtTheirSize) {
  make(100'000);
  for (uint32_t i = 0; i < 500'000; ++i) ASSERT_TRUE(touch(i, kStart + i * 1ms));
  EXPECT_EQ(table_->used(), 100'000u);
  // The last tenth is there, but for few: the oldest of a page is old, not the oldest of all.
  int missing = 0;
  for (uint32_t i = 490'000; i < 500'000; ++i) missing += !has(i, kStart + 500s);
  EXPECT_LT(missing, 10);
}

TEST_F(TableTest, EntriesExpireAfterTheirLastUse) {
  make(1'000'000, 10s);
  for (uint32_t i = 0; i < 10'000; ++i) touch(i);
  EXPECT_TRUE(touch(5, kStart + 6s));
  EXPECT_TRUE(has(6, kStart + 9999ms));
  EXPECT_FALSE(has(6, kStart + 10s));
  EXPECT_TRUE(has(5, kStart + 15s));
  table_->sweep(kStart + 15s, table_->pages());
  EXPECT_EQ(table_->used(), 1u);
  EXPECT_FALSE(has(5, kStart + 16s));
}

TEST_F(TableTest, LookingDoesNotMakeItYounger) {
  make(10, 10s);
  touch(1);
  EXPECT_TRUE(has(1, kStart + 9s));
  EXPECT_FALSE(has(1, kStart + 11s));
}

TEST_F(TableTest, WhatIsHeldStays) {
  make(2, 10s);
  ASSERT_TRUE(hold(1));
  table_->sweep(kStart + 20s, 100);
  EXPECT_TRUE(has(1, kStart + 20s));
  touch(2, kStart + 21s);
  touch(3, kStart + 22s);
  touch(4, kStart + 23s);
  EXPECT_TRUE(has(1, kStart + 23s));
  EXPECT_EQ(table_->remove(key_of(1), kStart + 23s), Table::Removed::held);
  let_go(1, kStart + 24s);
  EXPECT_TRUE(has(1, kStart + 33s));
  EXPECT_FALSE(has(1, kStart + 35s));
}

TEST_F(TableTest, NoRoomWhenAllAreHeld) {
  make(2, 10s);
  ASSERT_TRUE(hold(1));
  ASSERT_TRUE(hold(2));
  EXPECT_FALSE(hold(3));
  let_go(1, kStart);
  EXPECT_TRUE(hold(3));
}

TEST_F(TableTest, RemovesOneOrSome) {
  make(100'000, 10s);
  for (uint32_t i = 0; i < 5000; ++i) touch(i);
  EXPECT_EQ(table_->remove(key_of(3), kStart), Table::Removed::yes);
  EXPECT_EQ(table_->remove(key_of(3), kStart), Table::Removed::absent);
  Table::Place place;
  size_t pieces = 1;
  while (table_->remove_if(place, 3, kStart, [](Record& record) { return (record.key()[0] & 1) != 0; })) ++pieces;
  EXPECT_GT(pieces, 5u);
  EXPECT_EQ(table_->used(), 2500u);
  std::set<uint32_t> seen;
  table_->for_each(kStart, [&](Record& record) {
    uint32_t number;
    std::memcpy(&number, record.key().data(), 4);
    return seen.insert(number).second;
  });
  EXPECT_EQ(seen.size(), 2500u);
  EXPECT_TRUE(seen.contains(4));
  std::set<uint32_t> again;
  for (place = {}, pieces = 1; table_->for_each(place, 1, kStart, [&](Record& record) {
         uint32_t number;
         std::memcpy(&number, record.key().data(), 4);
         EXPECT_TRUE(again.insert(number).second);
       });)
    ++pieces;
  EXPECT_EQ(again, seen);
  EXPECT_GT(pieces, 20u);
  for (uint32_t i = 0; i < 5000; ++i) touch(i);
  EXPECT_EQ(table_->used(), 5000u);
}

TEST_F(TableTest, WorkersShareEntries) {
  make(1'000'000, 10s);
  constexpr uint32_t kKeys = 1000, kRounds = 200;
  const Field& requests = field("http_req_cnt");
  auto work = [&] {
    for (uint32_t round = 0; round < kRounds; ++round)
      for (uint32_t i = 0; i < kKeys; ++i) {
        ASSERT_TRUE(hold(i));
        table_->with(key_of(i), Table::Use::look, kStart, [&](Record& record) { record.add(requests, 1); });
        let_go(i, kStart);
        if (i % 100 == 0) table_->remove(key_of(kKeys + round), kStart);
      }
  };
  std::thread one(work), two(work);
  one.join();
  two.join();
  for (uint32_t i = 0; i < kKeys; ++i) ASSERT_EQ(get(i, "http_req_cnt"), 2 * kRounds);
}

TEST_F(TableTest, KeysOfTexts) {
  config_ = {};
  config_.key = StickTable::Key::string;
  config_.key_length = 5;
  config_.size = 10;
  table_ = std::make_unique<Table>(config_);
  EXPECT_EQ(table_->key_size_of(3), 3u);
  EXPECT_EQ(table_->key_size_of(9), 5u);
  table_->with("abc", Table::Use::create, kStart, [](Record&) {});
  EXPECT_TRUE(table_->with("abc", Table::Use::look, kStart, [](Record& r) { EXPECT_EQ(r.key(), "abc"); }));
  EXPECT_FALSE(table_->with("abcd", Table::Use::look, kStart, [](Record&) {}));
  EXPECT_FALSE(table_->with(std::string_view("abc\0", 4), Table::Use::look, kStart, [](Record&) {}));
}

TEST(Rate, SlidesOverAPeriod) {
  Rate rate;
  const uint32_t start = UINT32_MAX - 3000;  // the clock wraps meanwhile
  rate.set(0, start);
  for (int i = 0; i < 100; ++i) rate.add(1, start + 500, 10'000);
  EXPECT_EQ(rate.read(start + 500, 10'000), 100u);
  EXPECT_EQ(rate.read(start + 9'999, 10'000), 100u);
  EXPECT_EQ(rate.read(start + 15'000, 10'000), 50u);
  EXPECT_EQ(rate.read(start + 19'900, 10'000), 1u);
  EXPECT_EQ(rate.read(start + 20'000, 10'000), 0u);
  rate.add(10, start + 15'000, 10'000);
  EXPECT_EQ(rate.read(start + 15'000, 10'000), 60u);
  EXPECT_EQ(rate.read(start + 25'000, 10'000), 5u);
}

}  // namespace
}  // namespace lbd::table
