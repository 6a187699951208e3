#include "lbd/link/pulse.h"

#include <time.h>
#include <unistd.h>

#include "base/proc_stat.h"

namespace lbd::link {
namespace {

// A shorter stall is not worth a look into /proc.
constexpr base::Millis kLook{100};
// Who was on a processor for so long could have answered.
constexpr base::Millis kEnough{50};

// Of a thread of this process: pthread_getcpuclockid(3) makes the clock of its number in the same way.
base::Nanos processor_time(pid_t thread) {
  constexpr clockid_t kOfThread = 6;
  timespec time{};
  if (thread == 0 || clock_gettime((~thread * 8) | kOfThread, &time) != 0) return {};
  return base::Seconds(time.tv_sec) + base::Nanos(time.tv_nsec);
}

// It runs, or would.
bool is_ready(pid_t thread) {
  const auto stat = base::read_own_thread_stat(thread);
  return stat && stat->state == 'R';
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

base::Nanos Pulse::stalled(const Worker& worker, base::MonoTime now) {
  if (worker.answer->number.load(std::memory_order_relaxed) == worker.asked) return base::Nanos(0);
  return now - worker.asked_at;
}

bool Pulse::is_starved(const Worker& worker) {
  const pid_t thread = worker.answer->thread.load(std::memory_order_relaxed);
  return thread != 0 && processor_time(thread) - worker.ran_before < kEnough && is_ready(thread);
}

Pulse::Stall Pulse::stall(size_t index, base::MonoTime now) const {
  const Worker& worker = workers_[index];
  const base::Nanos lasts = stalled(worker, now);
  if (lasts < kLook) return {.lasts = lasts};
  // An answer that comes while the kernel is asked counts: whoever sleeps after it does not hang.
  const bool starved = is_starved(worker);
  return {.lasts = stalled(worker, now), .starved = starved};
}

}  // namespace lbd::link
