// Mailbox: how threads talk. Any thread posts a function; the thread of the loop runs it, in order of posting, in its
// next turn. Not for the data path (it locks and allocates).
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "base/ev.h"

namespace base {

class Mailbox {
 public:
  using Task = std::function<void()>;
  explicit Mailbox(Loop& loop) : wake_(loop) { wake_.bind<&Mailbox::on_wake>(this); }

  void post(Task task) {
    {
      std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wake_.send();
  }

 private:
  void on_wake() {
    std::vector<Task> due;
    {
      std::lock_guard lock(mutex_);
      due.swap(tasks_);
    }
    for (Task& task : due) task();
  }

  Async wake_;
  std::mutex mutex_;
  std::vector<Task> tasks_;
};

}  // namespace base
