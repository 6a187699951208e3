// The part of PatternRef that tells changes and applies those of others.
#include <xxhash.h>

#include <algorithm>

#include "lbd/expr/pattern_hash.h"
#include "lbd/expr/pattern_ref.h"

namespace lbd::expr {
namespace {

// How many places of a list are looked at in one go for those that are to be told.
constexpr uint32_t kMostPlaces = 256;

uint64_t digest_of(const std::vector<std::string>& values) {
  uint64_t digest = values.size();
  for (const std::string& value : values) digest = XXH3_64bits_withSeed(value.data(), value.size(), digest);
  return digest;
}

}  // namespace

std::vector<std::string> PatternRef::values_of(Version& version, std::string_view key) {
  auto found = with_key(version, key);
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->id < b->id; });
  std::vector<std::string> values;
  for (const PatternEntry* entry : found) {
    const PatternValue* value = entry->value.load(std::memory_order_relaxed);
    values.emplace_back(value ? value->text() : std::string_view());
  }
  return values;
}

// Rules may make an empty key; others are not told of it.
void PatternRef::note(std::string_view key) {
  if (!journal_ || key.empty()) return;
  journal_->changed(
      key, [&] { return journal_->epoch() ? 0 : digest_of(values_of(current(), key)); }, base::wall_now());
  has_changes_.store(true, std::memory_order_relaxed);
}

void PatternRef::note_replaced() {
  if (!journal_) return;
  journal_->replaced(base::wall_now());
  contents_at_ = 0;
  has_changes_.store(true, std::memory_order_relaxed);
}

void PatternRef::mark_changes() {
  std::lock_guard lock(mutex_);
  journal_->mark_all();
  contents_at_ = 0;
  has_changes_.store(journal_->anything_waits(), std::memory_order_relaxed);
}

// Each key once, with the first of its entries.
void PatternRef::take_contents(std::vector<PatternChange>& changes, size_t most) {
  Version& version = current();
  for (uint32_t looked = 0; changes.size() < most && looked < kMostPlaces; ++looked) {
    if (contents_at_ >= version.entries.end()) return journal_->contents_told();
    const PatternEntry* entry = version.entries.at(contents_at_++);
    if (!entry || entry->key().empty() || with_key(version, entry->key()).front() != entry) continue;
    const std::string key(entry->key());
    const auto* record = journal_->find(key);
    changes.push_back(
        {key, values_of(version, key), record ? record->version : journal_->epoch() + 1, journal_->epoch(), 0});
  }
}

std::vector<PatternChange> PatternRef::take_changes(size_t most) {
  std::lock_guard lock(mutex_);
  std::vector<PatternChange> changes;
  if (journal_->contents_wait()) {
    take_contents(changes, most);
  } else if (journal_->take_epoch()) {
    changes.push_back({{}, {}, journal_->epoch() + 1, journal_->epoch(), file_digest_});
  } else {
    while (changes.size() < most) {
      std::string key;
      PatternJournal::Record record;
      if (!journal_->take_key(key, record)) break;
      std::vector<std::string> values = values_of(current(), key);
      changes.push_back({std::move(key), std::move(values), record.version, journal_->epoch(), record.base});
    }
  }
  has_changes_.store(journal_->anything_waits(), std::memory_order_relaxed);
  return changes;
}

// An entry that stays, stays where it is, so that the others see it go on.
void PatternRef::put_values(Version& version, std::string_view key, const std::vector<std::string>& values, bool bulk) {
  auto found = with_key(version, key);
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->id < b->id; });
  for (size_t i = 0; i < values.size(); ++i) {
    if (i >= found.size()) {
      // What a list cannot take it has nowhere.
      (void)add_to(version, key, values[i], bulk);
      continue;
    }
    const PatternValue* value = found[i]->value.load(std::memory_order_relaxed);
    if (!is_map_ || (value && value->text() == values[i]) || !check_value(values[i]).empty()) continue;
    version.entries.set_value(*found[i], version.entries.make_value(values[i], false));
  }
  for (size_t i = values.size(); i < found.size(); ++i) take_out(version, *found[i]);
}

void PatternRef::apply(const PatternChange& change) {
  std::lock_guard lock(mutex_);
  if (change.key.empty()) return apply_epoch(change);
  if (change.version <= journal_->epoch() || (change.epoch != 0 && change.epoch == void_epoch_)) return;
  if (change.epoch > journal_->epoch()) {
    if (change.epoch < staged_.epoch) return;
    if (change.epoch > staged_.epoch) {
      if (Version* old = staged_.version.release()) grace_.retire_large([old] { delete old; });
      staged_ = {change.epoch, make_version()};
    }
    return put_values(*staged_.version, change.key, change.values, true);
  }
  const PatternJournal::Record* known = journal_->find(change.key);
  if (known && change.version < known->version) return;
  std::vector<std::string> values = values_of(current(), change.key);
  // Two in one microsecond: the same one on all nodes.
  if (known && change.version == known->version && change.values <= values) return;
  const bool of_file = !known && journal_->epoch() == 0;
  if (of_file && file_time_ > change.version && change.base != digest_of(values)) return;
  journal_->learnt(change);
  put_values(current(), change.key, change.values, false);
  for (auto& index : current().indexes) index->settle();
}

// The list is replaced by what was told of the epoch before, and what was changed here later.
void PatternRef::apply_epoch(const PatternChange& change) {
  if (change.epoch <= journal_->epoch()) return;
  if (file_time_ > change.epoch && change.base != file_digest_) {
    void_epoch_ = change.epoch;
    if (staged_.epoch <= change.epoch) staged_ = {};
    return;
  }
  std::unique_ptr<Version> next;
  if (staged_.epoch == change.epoch) next = std::move(staged_.version);
  if (staged_.epoch <= change.epoch) staged_ = {};
  if (!next) next = make_version();
  journal_->each_later_than(change.epoch,
                            [&](const std::string& key) { put_values(*next, key, values_of(current(), key), true); });
  journal_->replaced(change.epoch, change.version);
  replace_current(std::move(next));
  has_changes_.store(journal_->anything_waits(), std::memory_order_relaxed);
}

}  // namespace lbd::expr
