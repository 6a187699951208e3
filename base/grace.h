// Grace: when what readers may still look at can be freed. Readers take no lock: each is a thread that looks at shared
// objects only between two calls of its quiet(), that is within one turn of its loop. A writer takes an object out of
// the shared structure first and then retires it here; it is freed once every reader has been quiet since.
//
// Owner: whoever owns the shared structures; outlives its readers. Thread: quiet() by the reader's own thread, all else
// by any. A reader that sleeps is woken when much waits for it. Without readers (a load, a test) nothing waits.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/undertaker.h"

namespace base {

class Grace {
 public:
  class Reader {
   public:
    // `wake` makes the thread take a turn soon; called by any thread.
    Reader(Grace& grace, std::function<void()> wake);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    // Holds no reference now. A full barrier: what is read afterwards was not read before.
    void quiet() {
      turns_.fetch_add(1, std::memory_order_seq_cst);
      if (grace_.due_.load(std::memory_order_relaxed)) grace_.collect();
    }

   private:
    friend class Grace;
    Grace& grace_;
    std::function<void()> wake_;
    std::atomic<uint64_t> turns_{0};
    uint64_t mark_ = 0;    // turns when the oldest batch was closed
    bool waited_ = false;  // whether that batch waits for this reader
  };

  Grace() = default;
  ~Grace();
  Grace(const Grace&) = delete;
  Grace& operator=(const Grace&) = delete;

  // Called when nobody can look at it any more, by whichever thread finds that out; in the order of retiring.
  void retire(std::function<void()> free);
  template <typename T>
  void retire(std::unique_ptr<T> object) {
    retire([raw = object.release()] { delete raw; });
  }
  // What takes long to free: it is done by a thread of its own.
  void retire_large(std::function<void()> free) {
    retire([this, free = std::move(free)]() mutable { undertaker_.take(std::move(free)); });
  }
  // Frees what can be freed; with `hurry` wakes whoever is waited for.
  void collect(bool hurry = false);

 private:
  using Frees = std::vector<std::function<void()>>;
  void close_batch();
  bool batch_over() const;

  std::mutex mutex_;
  std::vector<Reader*> readers_;
  Frees waiting_;       // the closed batch, for which marks were taken
  Frees next_;          // retired since
  bool hurry_ = false;  // until nothing waits any more
  std::atomic<bool> due_{false};
  Undertaker undertaker_;
};

}  // namespace base
