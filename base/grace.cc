#include "base/grace.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace base {
namespace {

// More than this waits for sleepers: they are woken.
constexpr size_t kMany = 256;

void run(std::vector<std::function<void()>>& frees) {
  for (auto& free : frees) free();
  frees.clear();
}

}  // namespace

Grace::Reader::Reader(Grace& grace, std::function<void()> wake) : grace_(grace), wake_(std::move(wake)) {
  std::lock_guard lock(grace_.mutex_);
  grace_.readers_.push_back(this);
}

Grace::Reader::~Reader() {
  {
    std::lock_guard lock(grace_.mutex_);
    std::erase(grace_.readers_, this);
  }
  grace_.collect();
}

// What is freed may retire more.
Grace::~Grace() {
  while (!waiting_.empty() || !next_.empty()) {
    Frees all = std::exchange(waiting_, {});
    std::move(next_.begin(), next_.end(), std::back_inserter(all));
    next_.clear();
    run(all);
    undertaker_.finish();
  }
}

void Grace::close_batch() {
  waiting_.swap(next_);
  for (Reader* reader : readers_) {
    reader->mark_ = reader->turns_.load(std::memory_order_seq_cst);
    reader->waited_ = true;
  }
}

bool Grace::batch_over() const {
  return std::none_of(readers_.begin(), readers_.end(), [](const Reader* reader) {
    return reader->waited_ && reader->turns_.load(std::memory_order_seq_cst) == reader->mark_;
  });
}

void Grace::retire(std::function<void()> free) {
  // The reader's barrier is in quiet(); this is the writer's, between taking out and looking at the turns.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  size_t many = 0;
  {
    std::lock_guard lock(mutex_);
    next_.push_back(std::move(free));
    many = next_.size();
    due_.store(true, std::memory_order_relaxed);
  }
  collect(many % kMany == 0);
}

void Grace::collect(bool hurry) {
  Frees done, more;
  {
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return;
    if (batch_over()) {
      done.swap(waiting_);
      close_batch();
      if (readers_.empty()) more.swap(waiting_);
    }
    due_.store(!waiting_.empty() || !next_.empty(), std::memory_order_relaxed);
    hurry_ = (hurry_ || hurry) && !waiting_.empty();
    if (hurry_)
      for (Reader* reader : readers_)
        if (reader->turns_.load(std::memory_order_relaxed) == reader->mark_) reader->wake_();
  }
  run(done);
  run(more);
}

}  // namespace base
