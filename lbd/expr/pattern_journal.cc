#include "lbd/expr/pattern_journal.h"

#include <algorithm>

namespace lbd::expr {

PatternJournal::Records& PatternJournal::shard_of(std::string_view key) {
  if (!shards_) shards_ = std::make_unique<Shards>();
  return (*shards_)[std::hash<std::string_view>()(key) >> 8 & (shards_->size() - 1)];
}

void PatternJournal::drop(std::unique_ptr<Shards> shards) {
  if (shards) grace_.retire_large([raw = shards.release()] { delete raw; });
}

uint64_t PatternJournal::next(base::WallTime now) {
  latest_ = std::max(latest_ + 1, static_cast<uint64_t>(now.time_since_epoch().count()));
  return latest_;
}

void PatternJournal::wait(Records::value_type& one) {
  if (!std::exchange(one.second.waiting, true)) waiting_.push_back(one.first);
}

void PatternJournal::replaced(base::WallTime now) {
  epoch_ = next(now);
  // What is in the list since then, and the epoch itself, are later than it.
  ++latest_;
  drop(std::move(shards_));
  waiting_ = {};
  contents_wait_ = epoch_waits_ = true;
}

void PatternJournal::replaced(uint64_t epoch, uint64_t version) {
  epoch_ = epoch;
  observe(version);
  waiting_ = {};
  if (auto before = std::move(shards_)) {
    for (Records& records : *before)
      for (auto& [key, record] : records)
        if (record.version > epoch) {
          const bool waits = std::exchange(record.waiting, false);
          auto& kept = *shard_of(key).emplace(key, record).first;
          if (waits) wait(kept);
        }
    drop(std::move(before));
  }
  contents_wait_ = epoch_waits_ = false;
}

void PatternJournal::mark_all() {
  contents_wait_ = epoch_waits_ = epoch_ != 0;
  if (!shards_) return;
  for (Records& records : *shards_)
    for (auto& one : records) wait(one);
}

bool PatternJournal::take_key(std::string& key, Record& record) {
  while (!waiting_.empty()) {
    key = std::move(waiting_.front());
    waiting_.pop_front();
    Record* known = record_of(key);
    if (!known || !std::exchange(known->waiting, false)) continue;
    record = *known;
    return true;
  }
  return false;
}

PatternJournal::Record* PatternJournal::record_of(std::string_view key) {
  if (!shards_) return nullptr;
  Records& records = shard_of(key);
  auto at = records.find(std::string(key));
  return at == records.end() ? nullptr : &at->second;
}

size_t PatternJournal::size() const {
  size_t count = 0;
  if (shards_)
    for (const Records& records : *shards_) count += records.size();
  return count;
}

void PatternJournal::sweep() {
  const uint64_t keep = static_cast<uint64_t>(std::chrono::microseconds(kKeepGone).count());
  std::erase_if((*shards_)[changes_ / kSweepEvery % shards_->size()],
                [&](const auto& one) { return one.second.gone && one.second.version + keep < latest_; });
  // More than came since the last time, so that they do not pile up where nobody takes them.
  for (size_t left = std::min<size_t>(2 * kSweepEvery, waiting_.size()); left > 0; --left) {
    std::string key = std::move(waiting_.front());
    waiting_.pop_front();
    const Record* known = record_of(key);
    if (known && known->waiting) waiting_.push_back(std::move(key));
  }
}

}  // namespace lbd::expr
