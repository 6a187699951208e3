#include "lbd/link/pulse.h"

#include <time.h>
#include <unistd.h>

namespace lbd::link {
namespace {

// Of a thread of this process: pthread_getcpuclockid(3) makes the clock of its number in the same way.
base::Nanos processor_time(pid_t thread) {
  constexpr clockid_t kOfThread = 6;
  timespec time{};
  if (thread == 0 || clock_gettime((~thread * 8) | kOfThread, &time) != 0) return {};
  return base::Seconds(time.tv_sec) + base::Nanos(time.tv_nsec);
}

}  // namespace

Pulse::Pulse(const std::vector<base::Mailbox*>& workers) {
  for (base::Mailbox* mailbox : workers) workers_.push_back({.mailbox = mailbox, .answer = std::make_shared<Answer>()});
}

void Pulse::beat(base::MonoTime now) {
  for (Worker& worker : workers_) {
    if (worker.answer->number.load(std::memory_order_relaxed) != worker.asked) continue;
    uint64_t question = ++worker.asked;
    worker.asked_at = now;
    worker.ran_before = processor_time(worker.answer->thread.load(std::memory_order_relaxed));
    worker.mailbox->post([answer = worker.answer, question] {
      answer->thread.store(gettid(), std::memory_order_relaxed);
      answer->number.store(question, std::memory_order_relaxed);
    });
  }
}

base::Nanos Pulse::stalled(size_t index, base::MonoTime now) const {
  const Worker& worker = workers_[index];
  if (worker.answer->number.load(std::memory_order_relaxed) == worker.asked) return base::Nanos(0);
  return now - worker.asked_at;
}

base::Nanos Pulse::ran(size_t index) const {
  return processor_time(thread(index)) - workers_[index].ran_before;
}

}  // namespace lbd::link
