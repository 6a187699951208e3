// Guarded<T>: an immutable object that is replaced as a whole while others look at the one before. Thread: any; a
// reader keeps what it got for as long as it likes.
#pragma once

#include <memory>
#include <mutex>

namespace lbd::tls {

template <typename T>
class Guarded {
 public:
  explicit Guarded(std::shared_ptr<const T> object = nullptr) : object_(std::move(object)) {}
  std::shared_ptr<const T> get() const {
    std::lock_guard lock(mutex_);
    return object_;
  }
  void set(std::shared_ptr<const T> object) {
    std::lock_guard lock(mutex_);
    object_.swap(object);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> object_;
};

}  // namespace lbd::tls
