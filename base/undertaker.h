// Undertaker: frees what is large in a thread of its own, so that no thread that carries traffic spends its time on it.
// The thread begins with the first thing that is to be freed and takes no signals. It has the priority of the others:
// it holds the locks of the allocator, and whoever needs those must not wait until nobody else wants to run.
//
// Owner: Grace. Thread: take() any; finish() one, at the end. Errors: none; where there can be no thread, take() frees.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace base {

class Undertaker {
 public:
  Undertaker() = default;
  ~Undertaker() { finish(); }
  Undertaker(const Undertaker&) = delete;
  Undertaker& operator=(const Undertaker&) = delete;

  void take(std::function<void()> free);
  // All is freed when it returns.
  void finish();

 private:
  bool begin();
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::function<void()>> waiting_;
  std::thread thread_;
  bool ending_ = false;
};

}  // namespace base
