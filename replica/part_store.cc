#include "replica/part_store.h"

#include <xxhash.h>

#include <cstring>
#include <random>
#include <utility>

#include "replica/stamp.h"

namespace replica {
namespace {

constexpr size_t kMostOrigins = 65536;
constexpr size_t kLongestKey = 32768, kLongestValue = 65536, kLongestNode = 256;
// How many parts of pattern lists are passed over for one that makes room.
constexpr int kMostPassed = 256;
// How many parts before its turn the memory of one is fetched.
constexpr size_t kFetchAhead = 6;

// Values grow and shrink by a byte or two when numbers do.
constexpr size_t room_of(size_t size) {
  return (size + 15) / 16 * 16;
}

}  // namespace

// --- Cursor

void PartStore::Cursor::rewind(uint64_t sequence) {
  store_.take_out(*this);
  if (sequence == 0) return store_.insert_before(*this, *store_.end_.behind);
  // What is owed is mostly little: from the end.
  Place* at = &store_.end_;
  while (at->before != &store_.end_) {
    Place* one = at->before;
    if (one->is_part && static_cast<Part*>(one)->sequence <= sequence) break;
    at = one;
  }
  store_.insert_before(*this, *at);
}

const PartStore::Part* PartStore::Cursor::next() {
  Place* one = behind;
  while (one != &store_.end_ && !one->is_part) one = one->behind;
  if (one == &store_.end_) return nullptr;
  store_.take_out(*this);
  store_.insert_before(*this, *one->behind);
  return static_cast<Part*>(one);
}

// --- The order

PartStore::PartStore(size_t limit)
    : limit_(limit), seed_(uint64_t{std::random_device()()} << 32 | std::random_device()()) {
  end_.before = end_.behind = &end_;
}

PartStore::~PartStore() {
  sweeper_.reset();
  objects_.for_each([](Object& object) {
    for (Part* part = object.parts; part;) ::operator delete(std::exchange(part, part->sibling));
    ::operator delete(&object);
  });
}

void PartStore::insert_before(Place& place, Place& other) {
  place.before = other.before;
  place.behind = &other;
  other.before->behind = &place;
  other.before = &place;
}

void PartStore::take_out(Place& place) {
  place.before->behind = place.behind;
  place.behind->before = place.before;
}

void PartStore::changed(Part& part, uint32_t source) {
  if (part.behind) take_out(part);
  insert_before(part, end_);
  part.sequence = ++sequence_;
  part.source = source;
}

// --- Objects

uint64_t PartStore::hash_of(uint32_t table, std::string_view key) const {
  return XXH3_64bits_withSeed(key.data(), key.size(), seed_ + table);
}

PartStore::Part* PartStore::find(Object& object, uint32_t origin) const {
  Part* part = object.parts;
  while (part && part->origin != origin) part = part->sibling;
  return part;
}

PartStore::Object& PartStore::find_or_make(uint32_t table, std::string_view key, uint64_t hash) {
  if (Object* known = objects_.find(hash, [&](const Object& one) { return one.table == table && one.key() == key; }))
    return *known;
  auto* object = new (::operator new(sizeof(Object) + key.size())) Object;
  object->table = table;
  object->key_size = static_cast<uint32_t>(key.size());
  std::memcpy(object + 1, key.data(), key.size());
  objects_.insert(hash, *object);
  return *object;
}

// In its memory when that is large enough, or in new one; null: a new part.
PartStore::Part& PartStore::set_value(Object& object, Part* part, std::string_view value) {
  if (!part || room_of(value.size()) != room_of(part->value_size)) {
    auto* made = new (::operator new(sizeof(Part) + room_of(value.size()))) Part;
    made->is_part = true;
    made->object = &object;
    if (part) {
      made->origin = part->origin;
      drop_part(*part);
    }
    made->sibling = std::exchange(object.parts, made);
    ++parts_;
    part = made;
  }
  part->value_size = static_cast<uint32_t>(value.size());
  std::memcpy(part + 1, value.data(), value.size());
  return *part;
}

std::optional<uint32_t> PartStore::table_number(std::string_view name) {
  if (last_table_ < tables_.size() && tables_[last_table_] == name) return last_table_;
  const auto number = tables_.number(name);
  if (number) last_table_ = *number;
  return number;
}

bool PartStore::number_of_origin(uint64_t id, std::string_view node, uint32_t& number) {
  if (last_origin_ < origins_.size() && origins_[last_origin_].id == id) {
    number = last_origin_;
    return true;
  }
  auto known = origin_numbers_.find(id);
  if (known == origin_numbers_.end()) {
    if (origins_.size() >= kMostOrigins || node.size() > kLongestNode) return false;
    known = origin_numbers_.emplace(id, static_cast<uint32_t>(origins_.size())).first;
    origins_.push_back({id, std::string(node)});
  }
  number = last_origin_ = known->second;
  return true;
}

PartStore::Put PartStore::refuse() {
  counters_.refused.add();
  return Put::refused;
}

void PartStore::tell() {
  for (PartObserver* observer : observers_) observer->parts_changed();
}

PartStore::Put PartStore::put(const News& news, uint32_t source, int64_t now) {
  const auto table = table_number(news.table);
  const Put done = put(news, table, table ? hash_of(*table, news.key) : 0, source, now);
  if (done == Put::taken) tell();
  return done;
}

void PartStore::put(std::span<const News> all, uint32_t source, int64_t now) {
  struct Soon {
    std::optional<uint32_t> table;
    uint64_t hash = 0;
  };
  std::vector<Soon> soon(all.size());
  for (size_t i = 0; i < all.size(); ++i)
    if ((soon[i].table = table_number(all[i].table))) soon[i].hash = hash_of(*soon[i].table, all[i].key);
  bool taken = false;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i + 3 * kFetchAhead < all.size()) objects_.fetch_place(soon[i + 3 * kFetchAhead].hash);
    if (i + 2 * kFetchAhead < all.size()) __builtin_prefetch(objects_.likely(soon[i + 2 * kFetchAhead].hash));
    if (i + kFetchAhead < all.size())
      if (const Object* object = objects_.likely(soon[i + kFetchAhead].hash)) __builtin_prefetch(object->parts);
    taken |= put(all[i], soon[i].table, soon[i].hash, source, now) == Put::taken;
  }
  if (taken) tell();
}

PartStore::Put PartStore::put(const News& news, std::optional<uint32_t> table, uint64_t hash, uint32_t source,
                              int64_t now) {
  uint32_t origin = 0;
  if (!table || news.key.size() > kLongestKey || news.value.size() > kLongestValue || news.version == 0 ||
      news.version > kLastTime || news.cleared > kLastTime || news.deadline < 0 ||
      !number_of_origin(news.origin, news.node, origin))
    return refuse();
  if (news.deadline != 0 && news.deadline <= now) {
    counters_.late.add();
    return Put::late;
  }
  if (news.version <= void_up_to(*table)) {
    counters_.known.add();
    return Put::known;
  }
  if (news.key.empty() && news.cleared > void_up_to(*table) && is_pattern_list(*table)) {
    void_up_to_.resize(std::max(void_up_to_.size(), size_t{*table} + 1));
    void_up_to_[*table] = news.cleared;
  }
  Object& object = find_or_make(*table, news.key, hash);
  if (object.deadline != 0 && object.deadline <= now) {
    // It ended, and nobody has swept it away yet: what comes now is another one.
    object.deadline = 0;
    object.cleared = 0;
    drop_parts_up_to(object, kLastTime);
  }
  if (news.cleared > object.cleared) {
    object.cleared = news.cleared;
    drop_parts_up_to(object, news.cleared);
  }
  Part* known = find(object, origin);
  if (news.version <= object.cleared || (known && known->version >= news.version)) {
    counters_.known.add();
    if (!object.parts) drop_object(object);
    return Put::known;
  }
  Part& part = set_value(object, known, news.value);
  part.origin = origin;
  part.version = news.version;
  object.deadline = news.deadline == 0 ? 0 : std::max(object.deadline, news.deadline);
  changed(part, source);
  counters_.taken.add();
  if (parts_ > limit_) make_room();
  return Put::taken;
}

void PartStore::drop_part(Part& part) {
  Part** at = &part.object->parts;
  while (*at != &part) at = &(*at)->sibling;
  *at = part.sibling;
  take_out(part);
  --parts_;
  ::operator delete(&part);
}

void PartStore::drop_parts_up_to(Object& object, uint64_t version) {
  for (Part* part = object.parts; part;) {
    Part* next = part->sibling;
    if (part->version <= version) drop_part(*part);
    part = next;
  }
}

void PartStore::drop_object(Object& object) {
  drop_parts_up_to(object, UINT64_MAX);
  objects_.erase(hash_of(object.table, object.key()), object);
  ::operator delete(&object);
}

void PartStore::make_room() {
  // Those that stay go to the end, as if they had changed, and are met again only when all others have been.
  for (int passed = 0;; ++passed) {
    Place* oldest = end_.behind;
    while (!oldest->is_part) oldest = oldest->behind;
    Part& part = *static_cast<Part*>(oldest);
    Object& object = *part.object;
    if (passed < kMostPassed && is_pattern_list(object.table) && !is_void(object)) {
      changed(part, part.source);
      continue;
    }
    drop_part(part);
    if (!object.parts) drop_object(object);
    counters_.evicted.add();
    return;
  }
}

bool PartStore::is_void(const Object& object) const {
  const uint64_t up_to = void_up_to(object.table);
  if (up_to == 0) return false;
  for (const Part* part = object.parts; part; part = part->sibling)
    if (part->version > up_to) return false;
  return true;
}

void PartStore::sweep(size_t count, int64_t now) {
  if (!sweeper_) sweeper_ = std::make_unique<Cursor>(*this);
  if (sweeper_->at_end()) sweeper_->rewind(0);
  for (const Part* part; count > 0 && (part = sweeper_->next()); --count)
    if ((part->object->deadline != 0 && part->object->deadline <= now) || is_void(*part->object))
      drop_object(*part->object);
}

}  // namespace replica
