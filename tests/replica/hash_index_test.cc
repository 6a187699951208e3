#include "replica/hash_index.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace replica {
namespace {

struct Thing {
  uint64_t hash, id;
};

class HashIndexTest : public testing::Test {
 protected:
  void add(uint64_t hash, uint64_t id) {
    auto& thing = things_[id] = std::make_unique<Thing>(Thing{hash, id});
    index_.insert(hash, *thing);
  }
  const Thing* find(uint64_t hash, uint64_t id) const {
    return index_.find(hash, [&](const Thing& one) { return one.id == id; });
  }
  HashIndex<Thing> index_;
  std::map<uint64_t, std::unique_ptr<Thing>> things_;
};

TEST_F(HashIndexTest, FindsThoseOfOneHash) {
  EXPECT_EQ(find(7, 1), nullptr);
  EXPECT_EQ(index_.likely(7), nullptr);
  for (uint64_t id = 1; id <= 3; ++id) add(7, id);
  for (uint64_t id = 1; id <= 3; ++id) ASSERT_EQ(find(7, id), things_[id].get());
  EXPECT_EQ(find(7, 4), nullptr);
  EXPECT_EQ(find(8, 1), nullptr);
}

// Hashes that differ little, so that they stand in each other's way and around the end of a table.
TEST_F(HashIndexTest, WhatComesAndGoesIsFoundOrNot) {
  std::mt19937_64 random(11);
  auto a_hash = [&] { return (random() % 3) << 56 | (random() % 2 == 0 ? random() % 12 : ~uint64_t{0} >> 8); };
  uint64_t last = 0;
  for (int step = 0; step < 20000; ++step) {
    if (things_.empty() || random() % 100 < (step / 1000 % 2 == 0 ? 60u : 40u)) {
      add(a_hash(), ++last);
    } else {
      auto one = things_.lower_bound(random() % (last + 1));
      if (one == things_.end()) one = things_.begin();
      index_.erase(one->second->hash, *one->second);
      things_.erase(one);
    }
    ASSERT_EQ(index_.size(), things_.size());
    if (step % 50 != 0) continue;
    for (const auto& [id, thing] : things_) ASSERT_EQ(find(thing->hash, id), thing.get()) << step;
    size_t count = 0;
    index_.for_each([&](const Thing& thing) { count += things_.contains(thing.id); });
    ASSERT_EQ(count, things_.size());
  }
}

}  // namespace
}  // namespace replica
