// Pulse: whether the workers still turn. The control thread asks each worker through its mailbox, one question at a
// time; how long an answer has been missing is how long the worker has hung, be it in a loop or in a system call. An
// idle worker answers at once, so quiet is never mistaken for a hang.
//
// Life: as long as the workers. Thread: beat() and the readers in the control thread; the answer is one store in the
// worker's. Units: nanoseconds of the monotonic clock.
#pragma once

#include <sys/types.h>

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
  uint64_t turns(size_t worker) const { return workers_[worker].answer->number.load(std::memory_order_relaxed); }
  struct Stall {
    base::Nanos lasts{};   // how long the answer is missing; zero when it is not
    bool starved = false;  // the worker is ready to run, but other programs have the processors: it does not hang
  };
  Stall stall(size_t worker, base::MonoTime now) const;

 private:
  struct Answer {
    std::atomic<uint64_t> number{0};
    std::atomic<pid_t> thread{0};  // 0 before the first one
  };
  struct Worker {
    base::Mailbox* mailbox;
    uint64_t asked = 0;
    base::MonoTime asked_at{};
    base::Nanos ran_before{};        // until the question
    std::shared_ptr<Answer> answer;  // shared with questions still in the mailbox
  };
  static base::Nanos stalled(const Worker& worker, base::MonoTime now);
  static bool is_starved(const Worker& worker);

  std::vector<Worker> workers_;
};

}  // namespace lbd::link
