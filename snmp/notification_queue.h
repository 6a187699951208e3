// NotificationQueue: notifications that wait to be sent. Bounded; what does not fit is counted, and the oldest stays:
// the story is told from its beginning, and the gap shows in the sequence numbers.
//
// take() gives at most kBatch, the sender calls it once a tick of kTick while snmpd is there and takes them: more at
// once than its socket holds would leave both waiting for each other. What was taken is kept until settled() says that
// snmpd has read it; when the link is lost before that, lost() has it sent once more: nothing is missing, and what
// snmpd had read of it comes twice, with the same numbers. Pure. Thread: that of the loop. Errors: none.
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
      batch.push_back(waiting_.front());
      under_way_.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
      ++sent_;
    }
    return batch;
  }
  void settled() { under_way_.clear(); }
  void lost() {
    sent_ -= under_way_.size();
    repeated_ += under_way_.size();
    waiting_.insert(waiting_.begin(), under_way_.begin(), under_way_.end());
    under_way_.clear();
  }
  bool empty() const { return waiting_.empty(); }
  // Something waits, or is not known to have been read.
  bool busy() const { return !waiting_.empty() || !under_way_.empty(); }
  size_t size() const { return waiting_.size(); }
  uint64_t sent() const { return sent_; }
  uint64_t repeated() const { return repeated_; }
  uint64_t dropped() const { return dropped_; }

 private:
  std::deque<Event> waiting_;
  std::vector<Event> under_way_;
  uint64_t sent_ = 0, dropped_ = 0, repeated_ = 0;
};

}  // namespace snmp
