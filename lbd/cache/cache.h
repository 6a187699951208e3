// Cache: answers by their address, within so much memory. An answer is first received into a Recording, beside the
// client that asked for it, and enters the cache when it is whole.
//
// Thread: any; one lock, held for a look-up or an entry, never for a body. Life: as long as the process; recordings and
// answers that are being sent end before. Memory: every byte of what is kept, being received or still being sent counts
// for total-max-size; what was not asked for the longest goes when room is needed, but not what is being sent. Errors:
// none: what does not fit is not kept. Manual: 6.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/buffer.h"
#include "lbd/cache/stored_answer.h"
#include "lbd/config/config.h"

namespace lbd::cache {

class Cache;

// An answer that is being received. Thread: the worker's.
class Recording {
 public:
  Recording(Cache& cache, std::string key, std::unique_ptr<StoredAnswer> answer);
  ~Recording();
  Recording(const Recording&) = delete;

  // Room for a body of so many bytes; false: there is none.
  bool reserve(size_t body);
  // The next piece of the body; of one that does not fit nothing is kept.
  void append(const base::Buffer& piece);
  // It is whole: others may get it from now on.
  void finish();

 private:
  void give_up();

  Cache& cache_;
  const std::string key_;
  std::unique_ptr<StoredAnswer> answer_;  // null: given up, or handed over
  size_t reserved_ = 0;
};

class Cache {
 public:
  using Answer = std::shared_ptr<const StoredAnswer>;

  explicit Cache(const config::Cache& config) : config_(config) {}
  const config::Cache& config() const { return config_; }

  // Null: there is none that suits.
  Answer find(std::string_view key, const Wanted& wanted, base::MonoTime now);
  // Null: it must not be kept, it is too large, or somebody else is receiving the same.
  std::unique_ptr<Recording> record(std::string_view key, const Wanted& wanted, const http::Head& response,
                                    bool only_if_shared, base::MonoTime now, base::WallTime wall);
  // All of this address.
  void forget(std::string_view key);

  size_t used() const { return used_.load(std::memory_order_relaxed); }
  struct Shown {
    const void* id;
    size_t hash, size;
    const Variant* variant;
    long users;
    base::Seconds left;
  };
  // What is there, the latest first.
  void each(base::MonoTime now, const std::function<void(const Shown&)>& show) const;

 private:
  friend class Recording;
  struct Entry {
    const std::string* key;  // that of the index
    Answer answer;
  };
  using Entries = std::list<Entry>;  // the latest asked for first
  using Variants = std::vector<Entries::iterator>;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };
  using Index = std::unordered_map<std::string, Variants, Hash, std::equal_to<>>;

  bool charge(size_t bytes);  // false: there is no room, even without all that could go
  void discharge(size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  void enter(const std::string& key, std::unique_ptr<StoredAnswer> answer, size_t reserved);
  void stop_recording(const std::string& key);
  // Under the lock:
  void drop(Entries::iterator entry);
  void drop_expired(Variants& variants, base::MonoTime now);

  const config::Cache& config_;
  mutable std::mutex lock_;
  Index index_;
  Entries entries_;
  std::unordered_set<std::string, Hash, std::equal_to<>> received_;  // the keys of recordings
  std::atomic<size_t> used_{0};
};

// Those of a configuration, by their position in Config::caches.
class Caches {
 public:
  explicit Caches(const config::Config& config) {
    for (const auto& cache : config.caches) all_.push_back(std::make_unique<Cache>(*cache));
  }
  Cache& of(const config::Cache& config) const { return *all_[config.index]; }
  const std::vector<std::unique_ptr<Cache>>& all() const { return all_; }

 private:
  std::vector<std::unique_ptr<Cache>> all_;
};

}  // namespace lbd::cache
