// NotificationQueue: notifications that wait to be sent. Bounded; what does not fit is counted, and the oldest stays:
// the story is told from its beginning, and the gap shows in the sequence numbers.
//
// take() gives at most kBatch, the sender calls it once a tick of kTick while snmpd is there and takes them: more at
// once than its socket holds would leave both waiting for each other. Pure. Thread: that of the loop. Errors: none.
#pragma once

#include <deque>
#include <vector>

#include "base/time.h"
#include "snmp/snapshot.h"

namespace snmp {

class NotificationQueue {
 public:
  static constexpr size_t kCapacity = 10'000, kBatch = 32;
  static constexpr base::Millis kTick{10};

  void push(Event event) {
    if (waiting_.size() < kCapacity)
      waiting_.push_back(std::move(event));
    else
      ++dropped_;
  }
  std::vector<Event> take() {
    std::vector<Event> batch;
    while (!waiting_.empty() && batch.size() < kBatch) {
      batch.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
      ++sent_;
    }
    return batch;
  }
  bool empty() const { return waiting_.empty(); }
  size_t size() const { return waiting_.size(); }
  uint64_t sent() const { return sent_; }
  uint64_t dropped() const { return dropped_; }

 private:
  std::deque<Event> waiting_;
  uint64_t sent_ = 0, dropped_ = 0;
};

}  // namespace snmp
