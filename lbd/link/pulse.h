// Pulse: whether the workers still turn. The control thread asks each worker through its mailbox, one question at a
// time; how long an answer has been missing is how long the worker has hung, be it in a loop or in a system call. An
// idle worker answers at once, so quiet is never mistaken for a hang.
//
// Life: as long as the workers. Thread: beat() and the readers in the control thread; the answer is one store in the
// worker's. Units: nanoseconds of the monotonic clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/mailbox.h"

namespace lbd::link {

class Pulse {
 public:
  // The mailbox of each worker, which outlives this.
  explicit Pulse(const std::vector<base::Mailbox*>& workers);

  // Asks those that have answered the last question.
  void beat(base::MonoTime now);
  size_t size() const { return workers_.size(); }
  uint64_t turns(size_t worker) const { return workers_[worker].answered->load(std::memory_order_relaxed); }
  // How long the answer is missing; zero when there is none.
  base::Nanos stalled(size_t worker, base::MonoTime now) const;

 private:
  struct Worker {
    base::Mailbox* mailbox;
    uint64_t asked = 0;
    base::MonoTime asked_at{};
    std::shared_ptr<std::atomic<uint64_t>> answered;  // shared with questions still in the mailbox
  };
  std::vector<Worker> workers_;
};

}  // namespace lbd::link
