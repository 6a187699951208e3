#include "snmp/notification_queue.h"

#include <gtest/gtest.h>

namespace snmp {
namespace {

Event event(uint32_t sequence) {
  Event one;
  one.sequence = sequence;
  return one;
}

TEST(NotificationQueue, GivesNoMoreThanABatchAndKeepsTheOrder) {
  NotificationQueue queue;
  for (uint32_t i = 1; i <= 100; ++i) queue.push(event(i));
  uint32_t expected = 1;
  for (const size_t size : {32u, 32u, 32u, 4u}) {
    const auto batch = queue.take();
    EXPECT_EQ(batch.size(), size);
    for (const Event& one : batch) EXPECT_EQ(one.sequence, expected++);
  }
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.sent(), 100u);
  EXPECT_EQ(queue.dropped(), 0u);
}

TEST(NotificationQueue, CountsEachThatItSendsOrDrops) {
  NotificationQueue queue;
  constexpr uint32_t kAll = 2 * NotificationQueue::kCapacity + 7;
  for (uint32_t i = 1; i <= kAll; ++i) queue.push(event(i));
  EXPECT_EQ(queue.size(), NotificationQueue::kCapacity);
  EXPECT_EQ(queue.dropped(), NotificationQueue::kCapacity + 7);
  EXPECT_EQ(queue.take().front().sequence, 1u) << "the oldest are kept";
  while (!queue.empty()) queue.take();
  EXPECT_EQ(queue.sent() + queue.dropped(), kAll);
}

}  // namespace
}  // namespace snmp
