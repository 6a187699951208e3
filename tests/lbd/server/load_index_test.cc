#include "lbd/server/load_index.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/lbd/server/farm.h"

namespace lbd::server {
namespace {

struct LoadFarm : Farm<LoadIndex> {
  using Farm::Farm;
  // What asking all of them says.
  uint64_t least() {
    uint64_t least = LoadIndex::kFull;
    for (const auto& server : backend.servers()) least = std::min(least, LoadIndex::load_of(*server));
    return least;
  }
  size_t find(size_t start, uint64_t most) {
    for (size_t i = 0; i < backend.servers().size(); ++i) {
      const size_t place = (start + i) % backend.servers().size();
      if (LoadIndex::load_of(at(place)) <= most) return place;
    }
    return LoadIndex::kNowhere;
  }
};

TEST(LoadIndexTest, KnowsWhatAskingAllSays) {
  std::mt19937 random(1);
  for (size_t size : {1, 2, 7, 8, 9, 63, 64, 65, 512, 513, 1000}) {
    LoadFarm farm(size, 4);
    for (int turn = 0; turn < 3000; ++turn) {
      farm.disturb(random);
      ASSERT_EQ(farm.index().least(), farm.least()) << size << " " << turn;
      const size_t start = random() % size;
      const size_t expected = farm.least() == LoadIndex::kFull ? LoadIndex::kNowhere : farm.find(start, farm.least());
      ASSERT_EQ(farm.index().find(start, std::min(farm.least(), LoadIndex::kFull - 1)), expected) << size << start;
    }
    farm.fill();
    EXPECT_EQ(farm.index().least(), LoadIndex::kFull);
    EXPECT_EQ(farm.index().find(0, LoadIndex::kFull - 1), LoadIndex::kNowhere);
  }
}

TEST(LoadIndexTest, EqualQuotientsAreEqualNumbers) {
  LoadFarm farm(2);
  farm.at(0).set_user_weight(3);
  farm.at(1).set_user_weight(256);
  for (int i = 0; i < 3 * 7; ++i) farm.at(0).take_slot();
  for (int i = 0; i < 256 * 7 - 1; ++i) farm.at(1).take_slot();
  EXPECT_LT(LoadIndex::load_of(farm.at(1)), LoadIndex::load_of(farm.at(0)));
  farm.at(1).take_slot();
  EXPECT_EQ(LoadIndex::load_of(farm.at(1)), LoadIndex::load_of(farm.at(0)));
  farm.at(1).take_slot();
  EXPECT_GT(LoadIndex::load_of(farm.at(1)), LoadIndex::load_of(farm.at(0)));
}

TEST(LoadIndexTest, ServersComeAndGo) {
  LoadFarm farm(3);
  for (int i = 0; i < 30; ++i) farm.add();
  for (size_t i = 0; i < 33; ++i) farm.at(i).take_slot();
  farm.at(20).give_slot();
  EXPECT_EQ(farm.index().server_at(farm.index().find(0, farm.least())), &farm.at(20));
  // A place that is free again is the next one's.
  const uint32_t leaf = farm.at(20).leaf();
  farm.remove(20);
  EXPECT_EQ(farm.index().server_at(leaf), nullptr);
  EXPECT_EQ(farm.index().least(), farm.least());
  farm.add();
  EXPECT_EQ(farm.index().server_at(leaf), farm.backend.servers().back().get());
  EXPECT_EQ(farm.index().find(0, 0), leaf);
}

// However threads interleave, what is left in the end is right.
TEST(LoadIndexTest, ThreadsLeaveItRight) {
  LoadFarm farm(100);
  for (uint32_t round = 0; round < 20; ++round) {
    farm.run_threads(round);
    ASSERT_EQ(farm.index().least(), farm.least());
    for (size_t i = 0; i < 100; ++i) ASSERT_EQ(farm.index().find(i, LoadIndex::load_of(farm.at(i))), i);
  }
}

}  // namespace
}  // namespace lbd::server
