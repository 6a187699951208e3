#include "ipc/backoff.h"

#include <gtest/gtest.h>

namespace ipc {
namespace {

TEST(Backoff, DoublesUpToItsLimitAndStartsAgain) {
  Backoff backoff(base::Millis(100), base::Millis(350));
  EXPECT_EQ(backoff.next(1023), base::Millis(100));
  EXPECT_EQ(backoff.next(1023), base::Millis(200));
  EXPECT_EQ(backoff.next(1023), base::Millis(350));
  EXPECT_EQ(backoff.next(1023), base::Millis(350));
  backoff.reset();
  EXPECT_EQ(backoff.next(1023), base::Millis(100));
}

TEST(Backoff, JitterTakesAtMostHalf) {
  for (uint32_t random = 0; random < 3000; random += 7) {
    base::Nanos delay = Backoff(base::Millis(100), base::Millis(100)).next(random);
    EXPECT_GE(delay, base::Millis(50));
    EXPECT_LE(delay, base::Millis(100));
  }
}

}  // namespace
}  // namespace ipc
