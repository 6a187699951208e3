#include "base/grace.h"

#include <gtest/gtest.h>

#include <thread>

namespace base {
namespace {

TEST(Grace, WithoutReadersNothingWaits) {
  Grace grace;
  int freed = 0;
  grace.retire([&] { ++freed; });
  EXPECT_EQ(freed, 1);
}

TEST(Grace, WaitsUntilEachReaderWasQuiet) {
  Grace grace;
  int freed = 0;
  Grace::Reader one(grace, [] {}), two(grace, [] {});
  grace.retire([&] { ++freed; });
  one.quiet();
  one.quiet();
  EXPECT_EQ(freed, 0);
  two.quiet();
  EXPECT_EQ(freed, 1);
}

TEST(Grace, FreesInOrderAndWhatCameLaterLater) {
  Grace grace;
  std::string order;
  Grace::Reader reader(grace, [] {});
  grace.retire([&] { order += 'a'; });
  grace.retire([&] { order += 'b'; });  // behind the batch that waits already
  reader.quiet();
  EXPECT_EQ(order, "a");
  reader.quiet();
  EXPECT_EQ(order, "ab");
}

TEST(Grace, WhatIsFreedMayRetireMore) {
  Grace grace;
  int freed = 0;
  std::function<void()> piece = [&] {
    if (++freed % 10) grace.retire(piece);
  };
  grace.retire(piece);
  EXPECT_EQ(freed, 10);
  Grace::Reader reader(grace, [] {});
  grace.retire(piece);
  for (int turn = 0; turn < 6; ++turn) reader.quiet();
  EXPECT_GT(freed, 11);  // a piece at a time
  EXPECT_LT(freed, 17);
  for (int turn = 0; turn < 20; ++turn) reader.quiet();
  EXPECT_EQ(freed, 20);
}

TEST(Grace, WakesSleepersAndLetsReadersLeave) {
  Grace grace;
  int freed = 0, woken = 0;
  {
    Grace::Reader sleeper(grace, [&] { ++woken; });
    for (int i = 0; i < 600; ++i) grace.retire([&] { ++freed; });
    EXPECT_GE(woken, 1);
    EXPECT_EQ(freed, 0);
  }
  EXPECT_EQ(freed, 600);
}

TEST(Grace, AHurryLastsUntilAllIsFreed) {
  Grace grace;
  int freed = 0, woken = 0;
  Grace::Reader reader(grace, [&] { ++woken; });
  grace.retire([&] { ++freed; });
  grace.retire([&] { ++freed; });
  grace.collect(true);
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_EQ(woken, turn + 1);
    reader.quiet();
  }
  EXPECT_EQ(freed, 2);
  EXPECT_EQ(woken, 2);
}

TEST(Grace, EndsWithAllFreed) {
  int freed = 0;
  {
    Grace grace;
    auto reader = std::make_unique<Grace::Reader>(grace, [] {});
    grace.retire([&] { ++freed; });
    grace.retire(std::make_unique<int>(5));
    reader.reset();
  }
  EXPECT_EQ(freed, 1);
}

// A reader follows a pointer that a writer replaces; whatever it sees is alive.
TEST(Grace, ReadersSeeLivingObjects) {
  struct Object {
    explicit Object(int n) : value(n), check(~n) {}
    ~Object() {
      value = 0;
      check = 0;
    }
    volatile int value, check;
  };
  Grace grace;
  std::atomic<Object*> current{new Object(1)};
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::atomic<uint64_t> looked{0};
  std::thread thread([&] {
    Grace::Reader reader(grace, [] {});
    while (!done) {
      const Object* seen = current.load(std::memory_order_acquire);
      for (int i = 0; i < 10; ++i)
        if (seen->value != ~seen->check) ++wrong;
      reader.quiet();
      ++looked;
    }
  });
  int n = 0;
  while (looked < 20'000 || n < 20'000)
    grace.retire(std::unique_ptr<Object>(current.exchange(new Object(++n), std::memory_order_acq_rel)));
  done = true;
  thread.join();
  EXPECT_EQ(wrong, 0);
  delete current.load();
}

}  // namespace
}  // namespace base
