// PatternJournal: which keys of a list were changed at run time, and when, so that the changes can be told to other
// nodes and theirs be weighed against ours. Of each key the latest change holds; an epoch is the moment when the whole
// list was replaced (clear, commit), and what is older than that is void.
//
// A key that is gone, and is none of the file's, is forgotten after kKeepGone: rules may use a list for what comes and
// goes. Who saw nothing of the others for so long may bring it back.
// A version is the time of a change in microseconds of wall time, later than whatever is known of the list. Owner:
// PatternRef, under whose lock it is used. Errors: none.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/grace.h"
#include "base/time.h"

namespace lbd::expr {

// What became of a key, or that the list was replaced.
struct PatternChange {
  std::string key;                  // "": the list was replaced at `epoch`
  std::vector<std::string> values;  // of all entries with the key, in their order; none: they are gone
  uint64_t version = 0;
  uint64_t epoch = 0;  // the one that the change belongs to; 0: the list is that of the file
  uint64_t base = 0;   // a digest of what the file had under the key, or of the whole file
};

class PatternJournal {
 public:
  explicit PatternJournal(base::Grace& grace) : grace_(grace) {}

  struct Record {
    uint64_t version = 0;
    uint64_t base = 0;
    bool waiting = false;  // to be told
    bool gone = false;     // and none of the file's: base is 0
  };
  static constexpr base::Seconds kKeepGone{3600};

  // A key is changed now, here. `base` is asked for when it is the first time.
  template <typename Base>
  void changed(std::string_view key, const Base& base, base::WallTime now) {
    auto [at, added] = shard_of(key).try_emplace(std::string(key));
    if (added) at->second.base = base();
    at->second.version = next(now);
    at->second.gone = false;
    wait(*at);
    if (++changes_ % kSweepEvery == 0) sweep();
  }
  // The key that has just been changed is not there any more.
  void gone(std::string_view key) {
    if (Record* record = record_of(key)) record->gone = record->base == 0;
  }
  // Somebody else changed it.
  void learnt(const PatternChange& change) {
    shard_of(change.key)[change.key] = {change.version, change.base, false, change.values.empty() && change.base == 0};
    observe(change.version);
  }
  // The list is replaced now, here; or was by somebody else. Older records go.
  void replaced(base::WallTime now);
  void replaced(uint64_t epoch, uint64_t version);
  // Everything is to be told again.
  void mark_all();

  const Record* find(std::string_view key) const { return const_cast<PatternJournal*>(this)->record_of(key); }
  size_t size() const;
  uint64_t epoch() const { return epoch_; }
  template <typename Visit>
  void each_later_than(uint64_t version, const Visit& visit) const {
    if (!shards_) return;
    for (const Records& records : *shards_)
      for (const auto& [key, record] : records)
        if (record.version > version) visit(key);
  }

  // --- what is to be told: first what is in the list since the epoch, then the epoch, then changed keys ---
  bool contents_wait() const { return contents_wait_; }
  void contents_told() { contents_wait_ = false; }
  bool take_epoch() { return std::exchange(epoch_waits_, false); }
  // False: no key waits.
  bool take_key(std::string& key, Record& record);
  bool anything_waits() const { return contents_wait_ || epoch_waits_ || !waiting_.empty(); }

 private:
  using Records = std::unordered_map<std::string, Record>;
  // Many, so that none is ever so large that it takes long to make it larger.
  using Shards = std::array<Records, 256>;
  static constexpr uint32_t kSweepEvery = 256;
  Records& shard_of(std::string_view key);
  Record* record_of(std::string_view key);
  // What is gone for long goes from one shard, and from among those that wait.
  void sweep();
  // Those that are over are freed where that harms nobody.
  void drop(std::unique_ptr<Shards> shards);
  uint64_t next(base::WallTime now);
  void observe(uint64_t version) { latest_ = std::max(latest_, version); }
  void wait(Records::value_type& one);

  base::Grace& grace_;
  std::unique_ptr<Shards> shards_;   // null: nothing was changed yet
  std::deque<std::string> waiting_;  // some may be told or forgotten already
  uint32_t changes_ = 0;
  uint64_t latest_ = 0, epoch_ = 0;
  bool contents_wait_ = false, epoch_waits_ = false;
};

}  // namespace lbd::expr
