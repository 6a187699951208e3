#include "replica/store.h"

#include <gtest/gtest.h>

#include "replica/server_state.h"

namespace replica {
namespace {

using namespace server_state;

constexpr base::WallTime kNow{base::Micros(1000)};
const int kLink = 0;

class StoreTest : public testing::Test {
 protected:
  std::vector<std::string> order_after(uint64_t sequence) const {
    std::vector<std::string> names;
    for (const Record* record; (record = store_.next_after(sequence)); sequence = record->sequence)
      names.push_back(record->entry.key.name);
    return names;
  }
  Entry told(const char* server, uint64_t weight, uint64_t time) {
    Entry entry{.key = key("b", server), .fields = {}};
    entry.at(kWeight) = {kWeight, weight, {time, 9}};
    return entry;
  }
  Store store_{3, 7};
};

TEST_F(StoreTest, AChangeMovesTheObjectToTheEndOnce) {
  for (const char* server : {"s1", "s2", "s1", "s1"}) store_.write(key("b", server), {{kWeight, 1}}, kNow);
  EXPECT_EQ(order_after(0), (std::vector<std::string>{"b/s2", "b/s1"}));
  EXPECT_EQ(store_.last_sequence(), 4u);
  EXPECT_EQ(order_after(2), std::vector<std::string>{"b/s1"});
  EXPECT_TRUE(order_after(4).empty());
}

TEST_F(StoreTest, ValuesWrittenTogetherHaveOneStampWithOurOrigin) {
  store_.write(key("b", "s"), {{kWeight, 1}, {kConfiguredWeight, 2}}, kNow);
  const Entry& entry = store_.find(key("b", "s"))->entry;
  EXPECT_EQ(entry.find(kWeight)->stamp, (Stamp{1000, 7}));
  EXPECT_EQ(entry.find(kConfiguredWeight)->stamp, (Stamp{1000, 7}));
}

TEST_F(StoreTest, ALocalWriteIsLaterThanWhatWeKnow) {
  store_.merge(told("s", 5, 9000), &kLink);
  store_.write(key("b", "s"), {{kWeight, 6}}, kNow);
  EXPECT_EQ(store_.find(key("b", "s"))->entry.find(kWeight)->stamp, (Stamp{9001, 7}));
}

TEST_F(StoreTest, WhoToldUsKnows) {
  store_.merge(told("s", 5, 9000), &kLink);
  EXPECT_EQ(store_.find(key("b", "s"))->source, &kLink);
  // Of two sources: the first does not know what the second told.
  Entry other{.key = key("b", "s"), .fields = {}};
  other.at(kAdmin) = {kAdmin, 3, {9000, 9}};
  int second;
  store_.merge(other, &second);
  EXPECT_EQ(store_.find(key("b", "s"))->source, nullptr);
  store_.merge(told("t", 5, 9000), &kLink);
  store_.forget_source(&kLink);
  EXPECT_EQ(store_.find(key("b", "t"))->source, nullptr);
}

TEST_F(StoreTest, StaleNewsChangeNothing) {
  store_.merge(told("s", 5, 9000), &kLink);
  uint64_t before = store_.last_sequence();
  EXPECT_TRUE(store_.merge(told("s", 6, 8000), &kLink));
  EXPECT_EQ(store_.last_sequence(), before);
  EXPECT_EQ(store_.counters().stale.get(), 1u);
}

TEST_F(StoreTest, NewsOfNobodyAreOurs) {
  Entry entry = told("s", 5, 9000);
  entry.at(kWeight).stamp.origin = 0;
  store_.merge(entry, &kLink);
  EXPECT_EQ(store_.find(key("b", "s"))->entry.find(kWeight)->stamp.origin, 7u);
}

TEST_F(StoreTest, ItIsBounded) {
  for (const char* server : {"s1", "s2", "s3"}) EXPECT_TRUE(store_.write(key("b", server), {{kWeight, 1}}, kNow));
  EXPECT_FALSE(store_.write(key("b", "s4"), {{kWeight, 1}}, kNow));
  EXPECT_FALSE(store_.merge(told("s5", 5, 9000), &kLink));
  EXPECT_TRUE(store_.write(key("b", "s1"), {{kWeight, 2}}, kNow));
  EXPECT_EQ(store_.counters().refused.get(), 2u);
  EXPECT_EQ(store_.size(), 3u);
}

struct Heard final : StoreObserver {
  void store_changed(const Record& record, const Entry* before, Source source) override {
    text += record.entry.key.name + (before ? " changed" : " new") + (source ? " told;" : " here;");
  }
  std::string text;
};

TEST_F(StoreTest, ObserversHear) {
  Heard heard;
  store_.add_observer(heard);
  store_.write(key("b", "s"), {{kWeight, 1}}, kNow);
  store_.merge(told("s", 5, 9000), &kLink);
  store_.merge(told("s", 5, 9000), &kLink);
  store_.remove_observer(heard);
  store_.write(key("b", "s"), {{kWeight, 1}}, kNow);
  EXPECT_EQ(heard.text, "b/s new here;b/s changed told;");
}

}  // namespace
}  // namespace replica
