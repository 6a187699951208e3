#include "lbd/link/pulse.h"

namespace lbd::link {

Pulse::Pulse(const std::vector<base::Mailbox*>& workers) {
  for (base::Mailbox* mailbox : workers)
    workers_.push_back({.mailbox = mailbox, .answered = std::make_shared<std::atomic<uint64_t>>(0)});
}

void Pulse::beat(base::MonoTime now) {
  for (Worker& worker : workers_) {
    if (worker.answered->load(std::memory_order_relaxed) != worker.asked) continue;
    uint64_t question = ++worker.asked;
    worker.asked_at = now;
    worker.mailbox->post([answer = worker.answered, question] { answer->store(question, std::memory_order_relaxed); });
  }
}

base::Nanos Pulse::stalled(size_t index, base::MonoTime now) const {
  const Worker& worker = workers_[index];
  if (worker.answered->load(std::memory_order_relaxed) == worker.asked) return base::Nanos(0);
  return now - worker.asked_at;
}

}  // namespace lbd::link
