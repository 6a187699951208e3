#include "lbd/balance/hash_ring.h"

#include <gtest/gtest.h>

#include "lbd/balance/weight_map.h"

namespace lbd::balance {
namespace {

uint32_t id_at(const std::vector<HashRing::Member>& members, const HashRing& ring, uint32_t hash) {
  return members[ring.member(ring.find(hash))].id;
}

TEST(HashRingTest, AServerThatLeavesMovesOnlyItsOwnShare) {
  std::vector<HashRing::Member> all{{1, 160}, {2, 160}, {3, 160}}, rest{{1, 160}, {3, 160}};
  HashRing before(all), after(rest);
  int moved = 0;
  constexpr uint32_t kStep = 429497;  // ten thousand places around
  for (uint32_t i = 0; i < 10000; ++i) {
    uint32_t id = id_at(all, before, i * kStep);
    if (id == 2)
      ++moved;
    else
      ASSERT_EQ(id_at(rest, after, i * kStep), id);
  }
  EXPECT_GT(moved, 2000);
  EXPECT_LT(moved, 4700);
}

TEST(HashRingTest, WrapsAround) {
  std::vector<HashRing::Member> one{{7, 1}};
  HashRing ring(one);
  for (uint32_t hash : {0u, 1u, 0x80000000u, ~0u}) EXPECT_EQ(ring.find(hash), 0u);
  EXPECT_EQ(ring.next(0), 0u);
  EXPECT_TRUE(HashRing(std::vector<HashRing::Member>{{1, 0}}).empty());
}

TEST(WeightMapTest, ASlotAUnitOfWeight) {
  EXPECT_EQ(weight_map(std::vector<uint32_t>{1, 3}), (std::vector<uint32_t>{0, 1, 1, 1}));
  EXPECT_EQ(weight_map(std::vector<uint32_t>{10, 20}), (std::vector<uint32_t>{0, 1, 1})) << "divided by what is common";
  EXPECT_EQ(weight_map(std::vector<uint32_t>{0, 5}), (std::vector<uint32_t>{1}));
  EXPECT_TRUE(weight_map(std::vector<uint32_t>{0, 0}).empty());
}

}  // namespace
}  // namespace lbd::balance
