#include "base/undertaker.h"

#include <gtest/gtest.h>

#include <atomic>

namespace base {
namespace {

TEST(UndertakerTest, FreesInAnotherThreadAndAllBeforeTheEnd) {
  std::atomic<int> freed{0};
  std::thread::id where;
  {
    Undertaker undertaker;
    for (int i = 0; i < 100; ++i)
      undertaker.take([&] {
        where = std::this_thread::get_id();
        ++freed;
      });
  }
  EXPECT_EQ(freed, 100);
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(UndertakerTest, GoesOnAfterItHadFinished) {
  Undertaker undertaker;
  std::atomic<int> freed{0};
  for (int round = 1; round <= 3; ++round) {
    undertaker.take([&] { ++freed; });
    undertaker.finish();
    EXPECT_EQ(freed, round);
  }
}

}  // namespace
}  // namespace base
