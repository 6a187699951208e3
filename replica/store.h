// Store: the last known state of every replicated object, in the order of their last changes.
//
// Each change gives the object the next sequence number and moves it to the end. That order is the queue of every
// link: a link remembers up to which number it has sent, and what comes behind is what it still owes. So an object
// waits at most once however often it changes, is serialised when it is sent, and a slow or dead peer costs nothing.
// At most `limit` objects are kept; more are refused and counted.
// Life: as long as the process. Thread: one. Errors: refusal only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/metric.h"
#include "replica/entry.h"

namespace replica {

// Who told us of a change; null: it was made here.
using Source = const void*;

struct Record {
  Entry entry;
  uint64_t sequence = 0;
  Source source = nullptr;  // knows this very state already; nobody when it was merged of several
};

class StoreObserver {
 public:
  // `before` is null for a new object. Called after the change; must not change the store.
  virtual void store_changed(const Record& record, const Entry* before, Source source) = 0;

 protected:
  ~StoreObserver() = default;
};

struct StoreCounters {
  base::Counter local_changes, merged, stale, refused;
};

class Store {
 public:
  // `origin` 0: not known yet; whoever merges what we send takes it for its own node's.
  explicit Store(size_t limit, uint64_t origin = 0) : limit_(limit), origin_(origin) {}

  struct Value {
    uint16_t number;
    uint64_t value;
  };
  // A change made here. All values get one stamp. False: refused.
  bool write(const Key& key, const std::vector<Value>& values, base::WallTime now);
  // A change told by `source`. False: refused.
  bool merge(Entry entry, Source source);

  const Record* find(const Key& key) const;
  // The first object that changed after `sequence`; null: none.
  const Record* next_after(uint64_t sequence) const;
  uint64_t last_sequence() const { return sequence_; }
  size_t size() const { return records_.size(); }
  size_t limit() const { return limit_; }
  const StoreCounters& counters() const { return counters_; }
  void forget_source(Source source);

  void add_observer(StoreObserver& observer) { observers_.push_back(&observer); }
  void remove_observer(StoreObserver& observer) { std::erase(observers_, &observer); }

 private:
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return std::hash<std::string>()(key.name) ^ static_cast<size_t>(key.kind);
    }
  };
  // Null when the store is full.
  Record* find_or_add(const Key& key, bool& added);
  void changed(Record& record, const Entry* before, Source source, bool source_knows);

  const size_t limit_;
  const uint64_t origin_;
  HybridClock clock_;
  uint64_t sequence_ = 0;
  std::unordered_map<Key, std::unique_ptr<Record>, KeyHash> records_;
  std::map<uint64_t, Record*> order_;
  std::vector<StoreObserver*> observers_;
  StoreCounters counters_;
};

}  // namespace replica
