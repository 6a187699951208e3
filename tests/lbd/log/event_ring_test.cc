#include <gtest/gtest.h>

#include "lbd/log/event.h"

namespace lbd::log {
namespace {

TEST(EventRing, KeepsTheLastOnes) {
  EventRing ring;
  EXPECT_TRUE(ring.from(0, 10).empty());
  for (size_t i = 0; i < EventRing::kEvents + 5; ++i) ring.add(base::Level::notice, std::to_string(i));
  EXPECT_EQ(ring.next(), EventRing::kEvents + 5);
  const auto oldest = ring.from(0, 3);
  ASSERT_EQ(oldest.size(), 3u);
  EXPECT_EQ(oldest[0].text, "5");
  EXPECT_EQ(oldest[2].number, 7u);
  EXPECT_EQ(ring.from(EventRing::kEvents + 3, 10).size(), 2u);
  EXPECT_TRUE(ring.from(ring.next(), 10).empty());
}

TEST(EventRing, CallsOnce) {
  EventRing ring;
  int calls = 0;
  ring.call_at_next([&] { ++calls; });
  ring.add(base::Level::alert, "a");
  ring.add(base::Level::alert, "b");
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace lbd::log
