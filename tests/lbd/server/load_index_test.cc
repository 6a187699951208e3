#include "lbd/server/load_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "lbd/server/server.h"

namespace lbd::server {
namespace {

struct Farm {
  explicit Farm(size_t servers, uint32_t maxconn = 0) {
    for (size_t i = 0; i < servers; ++i) backend.add_server(line(1 + i % 7, maxconn), 0);
    backend.keep_loads(LoadIndex::Of::streams);
  }
  config::Server& line(uint32_t weight, uint32_t maxconn) {
    lines.push_back(std::make_unique<config::Server>());
    lines.back()->name = "s" + std::to_string(lines.size());
    lines.back()->weight = weight;
    lines.back()->maxconn = maxconn;
    return *lines.back();
  }
  Server& at(size_t place) { return *backend.servers()[place]; }
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

  std::vector<std::unique_ptr<config::Server>> lines;
  config::Proxy proxy;
  Backend backend{proxy, 0};
};

TEST(LoadIndexTest, KnowsWhatAskingAllSays) {
  std::mt19937 random(1);
  for (size_t size : {1, 2, 7, 8, 9, 63, 64, 65, 512, 513, 1000}) {
    Farm farm(size, 4);
    for (int turn = 0; turn < 3000; ++turn) {
      Server& server = farm.at(random() % size);
      if (const uint32_t kind = random() % 100; kind == 0)
        server.set_admin(server.admin() ? 0 : kForcedMaintenance);
      else if (kind == 1)
        server.set_user_weight(random() % 257);
      else if (kind == 2)
        server.set_maxconn(random() % 6);
      else if (kind < 60 || server.served() == 0)
        server.take_slot();
      else
        server.give_slot();
      const LoadIndex& loads = *farm.backend.loads();
      ASSERT_EQ(loads.least(), farm.least()) << size << " " << turn;
      const size_t start = random() % size;
      const size_t expected = farm.least() == LoadIndex::kFull ? LoadIndex::kNowhere : farm.find(start, farm.least());
      ASSERT_EQ(loads.find(start, std::min(loads.least(), LoadIndex::kFull - 1)), expected) << size << " " << start;
    }
    while (farm.least() != LoadIndex::kFull)
      for (size_t i = 0; i < size; ++i) farm.at(i).maxconn() ? void(farm.at(i).take_slot()) : farm.at(i).set_maxconn(1);
    EXPECT_EQ(farm.backend.loads()->least(), LoadIndex::kFull);
    EXPECT_EQ(farm.backend.loads()->find(0, LoadIndex::kFull - 1), LoadIndex::kNowhere);
  }
}

TEST(LoadIndexTest, EqualQuotientsAreEqualNumbers) {
  Farm farm(2);
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
  Farm farm(3);
  std::vector<std::unique_ptr<const Backend::Servers>> before;
  auto add = [&] {
    before.push_back(
        farm.backend.insert(std::make_shared<Server>(farm.line(1, 0), farm.backend, farm.backend.next_index(), 0)));
  };
  for (int i = 0; i < 30; ++i) add();
  for (int i = 0; i < 33; ++i) farm.at(static_cast<size_t>(i)).take_slot();
  farm.at(20).give_slot();
  EXPECT_EQ(farm.backend.loads()->server_at(farm.backend.loads()->find(0, farm.least())), &farm.at(20));
  // A place that is free again is the next one's.
  const uint32_t leaf = farm.at(20).leaf();
  farm.at(20).set_admin(kForcedMaintenance);
  before.push_back(farm.backend.erase(farm.at(20)));
  EXPECT_EQ(farm.backend.loads()->server_at(leaf), nullptr);
  EXPECT_EQ(farm.backend.loads()->least(), farm.least());
  add();
  EXPECT_EQ(farm.backend.loads()->server_at(leaf), farm.backend.servers().back().get());
  EXPECT_EQ(farm.backend.loads()->find(0, 0), leaf);
}

// However threads interleave, what is left in the end is right.
TEST(LoadIndexTest, ThreadsLeaveItRight) {
  Farm farm(100);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::thread> threads;
    for (uint32_t seed = 0; seed < 4; ++seed)
      threads.emplace_back([&farm, seed, round] {
        std::mt19937 random(seed + static_cast<uint32_t>(round) * 4);
        for (int turn = 0; turn < 2000; ++turn) {
          Server& server = farm.at(random() % 100);
          server.take_slot();
          if (random() % 4) server.give_slot();
        }
      });
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(farm.backend.loads()->least(), farm.least());
    for (size_t i = 0; i < 100; ++i) ASSERT_EQ(farm.backend.loads()->find(i, LoadIndex::load_of(farm.at(i))), i);
  }
}

}  // namespace
}  // namespace lbd::server
