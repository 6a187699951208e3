#include "base/undertaker.h"

#include <pthread.h>

#include <csignal>
#include <system_error>
#include <utility>

namespace base {
bool Undertaker::begin() {
  if (thread_.joinable()) return true;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    // As many threads as there may be.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread_.joinable();
}

void Undertaker::take(std::function<void()> free) {
  {
    std::lock_guard lock(mutex_);
    if (begin()) {
      waiting_.push_back(std::move(free));
      wake_.notify_one();
      return;
    }
  }
  free();
}

void Undertaker::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto now = std::exchange(waiting_, {});
    lock.unlock();
    for (auto& free : now) free();
    now.clear();
    lock.lock();
  }
}

void Undertaker::finish() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  thread_ = {};
  ending_ = false;
}

}  // namespace base
