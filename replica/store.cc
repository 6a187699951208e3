#include "replica/store.h"

#include "replica/merge.h"

namespace replica {

Record* Store::find_or_add(const Key& key, bool& added) {
  auto it = records_.find(key);
  added = it == records_.end();
  if (!added) return it->second.get();
  if (records_.size() >= limit_) {
    counters_.refused.add();
    return nullptr;
  }
  auto record = std::make_unique<Record>();
  record->entry.key = key;
  return records_.emplace(key, std::move(record)).first->second.get();
}

void Store::changed(Record& record, const Entry* before, Source source, bool source_knows) {
  if (record.sequence) order_.erase(record.sequence);
  record.sequence = ++sequence_;
  record.source = source_knows ? source : nullptr;
  order_.emplace(record.sequence, &record);
  for (StoreObserver* observer : observers_) observer->store_changed(record, before, source);
}

bool Store::write(const Key& key, const std::vector<Value>& values, base::WallTime now) {
  bool added;
  Record* record = find_or_add(key, added);
  if (!record) return false;
  Entry before = record->entry;
  Stamp stamp{clock_.next(now), origin_};
  for (const Value& value : values) {
    Field& field = record->entry.at(value.number);
    field.value = value.value;
    field.stamp = stamp;
  }
  counters_.local_changes.add();
  changed(*record, added ? nullptr : &before, nullptr, false);
  return true;
}

bool Store::merge(Entry entry, Source source) {
  for (Field& field : entry.fields) {
    if (field.stamp.origin == 0) field.stamp.origin = origin_;
    clock_.observe(field.stamp.time);
  }
  bool added;
  Record* record = find_or_add(entry.key, added);
  if (!record) return false;
  Entry before = record->entry;
  Merged merged = replica::merge(record->entry, entry);
  if (merged.changed || added) {
    counters_.merged.add();
    changed(*record, added ? nullptr : &before, source, merged.equal);
  } else {
    counters_.stale.add();
  }
  return true;
}

const Record* Store::find(const Key& key) const {
  auto it = records_.find(key);
  return it == records_.end() ? nullptr : it->second.get();
}

const Record* Store::next_after(uint64_t sequence) const {
  auto it = order_.upper_bound(sequence);
  return it == order_.end() ? nullptr : it->second;
}

void Store::forget_source(Source source) {
  for (auto& [sequence, record] : order_)
    if (record->source == source) record->source = nullptr;
}

}  // namespace replica
