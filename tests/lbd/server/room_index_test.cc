#include "lbd/server/room_index.h"

#include <gtest/gtest.h>

#include "tests/lbd/server/farm.h"

namespace lbd::server {
namespace {

struct RoomFarm : Farm<RoomIndex> {
  using Farm::Farm;
  // What asking one after the other says.
  size_t first() {
    size_t place = 0;
    for (const auto& server : backend.servers()) {
      if (RoomIndex::has_room(*server)) return place;
      ++place;
    }
    return RoomIndex::kNowhere;
  }
};

TEST(RoomIndexTest, KnowsWhatAskingAllSays) {
  std::mt19937 random(1);
  for (size_t size : {1, 2, 63, 64, 65, 4095, 4096, 4097, 5000}) {
    RoomFarm farm(size, 2);
    // So that it is not always one of the first.
    for (size_t i = 0; i + 1 < size; ++i)
      while (farm.at(i).take_slot()) continue;
    for (int turn = 0; turn < 3000; ++turn) {
      farm.disturb(random);
      ASSERT_EQ(farm.index().first(), farm.first()) << size << " " << turn;
    }
    farm.fill();
    EXPECT_EQ(farm.index().first(), RoomIndex::kNowhere);
    farm.at(size - 1).set_admin(0);
    farm.at(size - 1).set_user_weight(1);
    farm.at(size - 1).give_slot();
    EXPECT_EQ(farm.index().first(), size - 1);
  }
}

TEST(RoomIndexTest, ServersComeAndGo) {
  RoomFarm farm(70, 1);
  farm.fill();
  for (int i = 0; i < 30; ++i) farm.add();
  EXPECT_EQ(farm.index().server_at(farm.index().first()), &farm.at(70));
  // A place that is free again is the next one's.
  const uint32_t leaf = farm.at(20).leaf();
  farm.remove(20);
  EXPECT_EQ(farm.index().server_at(leaf), nullptr);
  EXPECT_GT(farm.index().first(), leaf);
  farm.add();
  EXPECT_EQ(farm.index().first(), leaf);
  EXPECT_EQ(farm.index().server_at(leaf), farm.backend.servers().back().get());
}

// However threads interleave, what is left in the end is right.
TEST(RoomIndexTest, ThreadsLeaveItRight) {
  for (uint32_t round = 0; round < 100; ++round) {
    RoomFarm farm(70, 12);
    farm.run_threads(round);
    ASSERT_EQ(farm.index().first(), farm.first());
    // All that have room, one after the other.
    for (size_t place; (place = farm.first()) != RoomIndex::kNowhere; farm.at(place).set_maxconn(1)) {
      ASSERT_EQ(farm.index().first(), place);
      if (farm.at(place).served() == 0) farm.at(place).take_slot();
    }
    EXPECT_EQ(farm.index().first(), RoomIndex::kNowhere);
  }
}

}  // namespace
}  // namespace lbd::server
