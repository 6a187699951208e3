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

TEST(NotificationQueue, SendsOnceMoreWhatWasLostWithTheLink) {
  NotificationQueue queue;
  for (uint32_t i = 1; i <= 70; ++i) queue.push(event(i));
  queue.take();
  queue.settled();
  queue.take();
  EXPECT_TRUE(queue.busy());
  queue.lost();
  EXPECT_EQ(queue.sent(), 32u);
  EXPECT_EQ(queue.repeated(), 32u);
  uint32_t expected = 33;
  while (!queue.empty())
    for (const Event& one : queue.take()) EXPECT_EQ(one.sequence, expected++);
  EXPECT_EQ(expected, 71u);
  EXPECT_TRUE(queue.busy()) << "snmpd may not have read the last";
  queue.settled();
  EXPECT_FALSE(queue.busy());
  queue.lost();
  EXPECT_TRUE(queue.empty()) << "what was read is not sent again";
  EXPECT_EQ(queue.sent(), 70u);
}

TEST(NotificationQueue, CountsEachThatItSendsOrDrops) {
  NotificationQueue queue;
  constexpr uint32_t kAll = 2 * NotificationQueue::kCapacity + 7;
  for (uint32_t i = 1; i <= kAll; ++i) queue.push(event(i));
  EXPECT_EQ(queue.size(), NotificationQueue::kCapacity);
  EXPECT_EQ(queue.dropped(), NotificationQueue::kCapacity + 7);
  EXPECT_EQ(queue.take().front().sequence, 1u) << "the oldest are kept";
  while (!queue.empty()) {
    queue.take();
    queue.settled();
  }
  EXPECT_EQ(queue.sent() + queue.dropped(), kAll);
}

}  // namespace
}  // namespace snmp
