#include "lbd/table/table.h"

#include <xxhash.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <random>
#include <span>
#include <utility>

namespace lbd::table {
namespace {

constexpr uint64_t kEntriesOfShard = 1024;  // below that a shard more is not worth it
constexpr uint64_t kMostShards = 64;
// Up to this size the oldest is the oldest of the whole table.
constexpr uint64_t kSmall = 1024;
constexpr size_t kMostPageBytes = 128 * 1024;

// A multiple of four; and whole cache lines, or halves of them, when little is lost.
size_t entry_size(size_t bytes) {
  const size_t aligned = (bytes + 3) & ~size_t{3};
  if (aligned > 24 && aligned <= 32) return 32;
  return aligned > 48 && aligned <= 64 ? 64 : aligned;
}

uint64_t random_seed() {
  std::random_device source;
  return uint64_t{source()} << 32 | source();
}

}  // namespace

// --- Record

uint64_t Record::get(const Field& field) const {
  char* data = table_.data_of(entry_);
  return field.stamp ? table_.parts_of(entry_).sum(field, now_) : read_number(data, field, now_);
}

uint64_t Record::get_of(const Part* part, const Field& field) const {
  return read_number(part ? part->data() : table_.data_of(entry_), field, now_);
}

void Record::set(const Field& field, uint64_t value) {
  changed_ = true;
  if (field.stamp) table_.parts_of(entry_).set_stamp(field, base::wall_now(), table_.origin_);
  write_number(at(field), field, value, now_);
}

void Record::add(const Field& field, uint64_t amount) {
  changed_ = true;
  char* to = at(field);
  if (field.kind == config::DataKind::sum) return store(to, load<uint64_t>(to) + amount);
  if (field.kind != config::DataKind::rate) return store(to, static_cast<uint32_t>(load<uint32_t>(to) + amount));
  Rate rate = load<Rate>(to);
  rate.add(amount, now_, field.period);
  store(to, rate);
}

void Record::sub(const Field& field) {
  if (const uint64_t value = get(field); value > 0) set(field, value - 1);
}

base::Millis Record::expires_in() const {
  if (table_.life_ == 0) return base::Millis(0);
  return base::Millis(std::max(static_cast<int32_t>(entry_.expires - now_), 0));
}

base::Millis Record::idle() const {
  return base::Millis(std::max(static_cast<int32_t>(now_ + table_.life_ - entry_.expires), 0));
}

// --- Table

Table::Table(const config::StickTable& config, uint64_t origin)
    : config_(config),
      seed_(random_seed()),
      layout_(config),
      life_(static_cast<uint32_t>(config.expire.count())),
      fixed_key_(config.key != config::StickTable::Key::string),
      small_(config.size <= kSmall),
      shared_(config.shared()),
      origin_(origin),
      key_room_((config.key_length + 3) & ~3u),
      entry_size_(entry_size(sizeof(Entry) + key_room_ + layout_.size())),
      page_entries_(static_cast<uint32_t>(std::clamp<size_t>(kMostPageBytes / entry_size_, 8, kMostOfPage))),
      pool_((sizeof(Page) + page_entries_ * entry_size_ + 63) & ~size_t{63}) {
  const uint64_t shards = std::bit_floor(std::clamp<uint64_t>(config.size / kEntriesOfShard, 1, kMostShards));
  shard_mask_ = static_cast<uint32_t>(shards - 1);
  shards_ = std::make_unique<Shard[]>(shards);
  names_.emplace_back();
}

Table::~Table() {
  if (!shared_) return;
  Place place;
  in_pages(place, ~size_t{0}, [&](Page& page) {
    return in_page(page, [&](Entry& entry, uint32_t) {
      parts_of(entry).clear();
      return true;
    });
  });
}

size_t Table::key_size_of(size_t given) const {
  if (!fixed_key_) return std::min<size_t>(given, config_.key_length);
  return given < config_.key_length ? kNoKey : config_.key_length;
}

uint64_t Table::hash_of(Key key) const {
  return XXH3_64bits_withSeed(key.data(), key.size(), seed_);
}

// Bits of the places that have the tag.
uint64_t Table::matches(const Page& page, uint8_t tag) {
#if defined(__SSE2__)
  // What stands behind the tags in their line is cut off.
  const auto* tags = reinterpret_cast<const __m128i*>(page.tags);
  const __m128i wanted = _mm_set1_epi8(static_cast<char>(tag));
  uint64_t bits = 0;
  for (int i = 0; i < 4; ++i) {
    const auto some = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128(tags + i), wanted)));
    bits |= uint64_t{some} << (16 * i);
  }
  return bits & ((uint64_t{1} << kMostOfPage) - 1);
#else
  uint64_t bits = 0;
  for (uint32_t i = 0; i < kMostOfPage; ++i) bits |= uint64_t{page.tags[i] == tag} << i;
  return bits;
#endif
}

Table::Spot Table::find(const Shard& shard, uint64_t hash, Key key) const {
  if (shard.directory.empty()) return {};
  Page* page = shard.directory[hash & (shard.directory.size() - 1)];
  __builtin_prefetch(&at(*page, home_of(hash)), 1);
  for (uint64_t left = matches(*page, tag_of(hash)); left != 0; left &= left - 1) {
    const auto index = static_cast<uint32_t>(std::countr_zero(left));
    Entry& entry = at(*page, index);
    if (entry.key_size == key.size() && std::memcmp(key_of(entry), key.data(), key.size()) == 0) return {page, index};
  }
  return {page};
}

Table::Spot Table::find_fresh(Shard& shard, uint64_t hash, Key key, uint32_t now) {
  Spot spot = find(shard, hash, key);
  if (!spot.found() || !expired(at(*spot.page, spot.index), now)) return spot;
  drop(*spot.page, spot.index);
  return {spot.page};
}

Table::Spot Table::find_or_make(Shard& shard, uint64_t hash, Key key, uint32_t now) {
  const Spot spot = find_fresh(shard, hash, key, now);
  return spot.found() ? spot : make(shard, hash, key, now);
}

Table::Spot Table::make(Shard& shard, uint64_t hash, Key key, uint32_t now) {
  if (shard.directory.empty()) shard.directory.push_back(new_page(shard, 0));
  auto page_of = [&] { return shard.directory[hash & (shard.directory.size() - 1)]; };
  if (!make_room(shard, page_of(), now)) return {};
  while (page_of()->count == page_entries_) {
    sweep(shard, *page_of(), now);
    if (page_of()->count < page_entries_) break;
    if (!split(shard, hash)) return {};
  }
  Page& page = *page_of();
  const uint32_t index = free_place(page, hash);
  Entry& entry = at(page, index);
  entry = {.expires = now + life_, .holders = 0, .key_size = static_cast<uint16_t>(key.size())};
  std::memset(key_of(entry), 0, entry_size_ - sizeof(Entry));
  std::memcpy(key_of(entry), key.data(), key.size());
  if (shared_) parts_of(entry).set_born(base::wall_now());
  page.tags[index] = tag_of(hash);
  if (page.count++ == 0) page.earliest = entry.expires;
  used_.fetch_add(1, std::memory_order_relaxed);
  return {&page, index};
}

uint32_t Table::free_place(const Page& page, uint64_t hash) const {
  const uint32_t home = home_of(hash);
  if (page.tags[home] == 0) return home;
  return static_cast<uint32_t>(std::countr_zero(matches(page, 0)));
}

bool Table::make_room(Shard& shard, Page* page, uint32_t now) {
  if (used_.load(std::memory_order_relaxed) < config_.size) return true;
  if (sweep(shard, *page, now) > 0) return true;
  if (config_.nopurge) return false;
  if (small_) return drop_oldest(shard.pages, now);
  if (drop_oldest({&page, 1}, now)) return true;
  // A page with nothing to give: another one of the shard, else of the shards that are not in use at this moment.
  auto from = [&](Shard& other) {
    constexpr size_t kTries = 16;
    for (size_t i = 0; i < std::min(kTries, other.pages.size()); ++i)
      if (drop_oldest({&other.pages[(other.swept + i) % other.pages.size()], 1}, now)) return true;
    return false;
  };
  if (from(shard)) return true;
  for (uint32_t i = 0; i <= shard_mask_; ++i) {
    if (&shards_[i] == &shard) continue;
    const std::unique_lock<std::mutex> guard(shards_[i].lock, std::try_to_lock);
    if (guard.owns_lock() && from(shards_[i])) return true;
  }
  return false;
}

bool Table::drop_oldest(std::span<Page* const> pages, uint32_t now) {
  Page* where = nullptr;
  uint32_t oldest = 0, most = 0;
  for (Page* page : pages)
    in_page(*page, [&](Entry& entry, uint32_t index) {
      const uint32_t age = now + life_ - entry.expires;
      if (entry.holders == 0 && (!where || age > most)) where = page, oldest = index, most = age;
      return true;
    });
  if (where) drop(*where, oldest);
  return where != nullptr;
}

Table::Page* Table::new_page(Shard& shard, uint8_t depth) {
  auto* page = static_cast<Page*>(pool_.take());
  page->depth = depth;
  shard.pages.push_back(page);
  pages_.fetch_add(1, std::memory_order_relaxed);
  return page;
}

// Half of the entries of the page go to a new one, by the next bit of their hash.
bool Table::split(Shard& shard, uint64_t hash) {
  Page& from = *shard.directory[hash & (shard.directory.size() - 1)];
  if (from.depth >= kDeepest) return false;
  if (size_t{1} << from.depth == shard.directory.size())
    shard.directory.insert(shard.directory.end(), shard.directory.begin(), shard.directory.end());
  const uint64_t bit = uint64_t{1} << from.depth;
  Page& to = *new_page(shard, ++from.depth);
  to.earliest = from.earliest;
  in_page(from, [&](Entry& entry, uint32_t index) {
    const uint64_t its = hash_of(whole_key_of(entry));
    if (!(its & bit)) return true;
    const uint32_t place = free_place(to, its);
    std::memcpy(&at(to, place), &entry, entry_size_);
    to.tags[place] = std::exchange(from.tags[index], uint8_t{0});
    if (entry.changed) mark(shard, to, at(to, place));
    ++to.count;
    --from.count;
    return true;
  });
  for (size_t i = (hash & (bit - 1)) | bit; i < shard.directory.size(); i += 2 * bit) shard.directory[i] = &to;
  return true;
}

void Table::drop(Page& page, uint32_t index) {
  if (shared_) parts_of(at(page, index)).clear();
  page.tags[index] = 0;
  --page.count;
  used_.fetch_sub(1, std::memory_order_relaxed);
}

Table::Removed Table::remove(Key key, base::MonoTime now) {
  const uint64_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  const std::lock_guard<std::mutex> guard(shard.lock);
  const Spot spot = find_fresh(shard, hash, key, clock(now));
  if (!spot.found()) return Removed::absent;
  if (at(*spot.page, spot.index).holders > 0) return Removed::held;
  if (shared_) removed(at(*spot.page, spot.index), micros(base::wall_now()));
  drop(*spot.page, spot.index);
  return Removed::yes;
}

// An entry that is held lives on at the others, too, if they hear of it in time.
void Table::refresh(Shard& shard, Page& page, Entry& entry, uint32_t now) const {
  if (static_cast<int32_t>(entry.expires - now) > static_cast<int32_t>(life_ / 2)) return;
  touch(entry, now);
  mark(shard, page, entry);
}

size_t Table::sweep(Shard& shard, Page& page, uint32_t now) {
  if (life_ == 0 || page.count == 0 || static_cast<int32_t>(page.earliest - now) > 0) return 0;
  const uint8_t before = page.count;
  uint32_t soonest = life_;
  in_page(page, [&](Entry& entry, uint32_t index) {
    if (entry.holders > 0) {
      if (shared_) refresh(shard, page, entry, now), soonest = std::min(soonest, life_ / 4);
      return true;
    }
    if (expired(entry, now))
      drop(page, index);
    else
      soonest = std::min(soonest, entry.expires - now);
    return true;
  });
  page.earliest = now + soonest;
  return before - page.count;
}

size_t Table::sweep(base::MonoTime now, size_t pages) {
  const uint32_t clock_now = clock(now);
  size_t gone = 0;
  uint32_t ended = 0;
  while (pages > 0 && ended <= shard_mask_) {
    Shard& shard = shards_[sweeping_ & shard_mask_];
    const std::lock_guard<std::mutex> guard(shard.lock);
    if (shard.swept >= shard.pages.size()) {
      shard.swept = 0;
      ++sweeping_;
      ++ended;
      continue;
    }
    gone += sweep(shard, *shard.pages[shard.swept++], clock_now);
    --pages;
  }
  return gone;
}

// --- What other nodes have, too

void Table::mark(Shard& shard, Page& page, Entry& entry) const {
  entry.ours = true;
  if (config_.recv_only) return;
  entry.changed = true;
  if (!std::exchange(page.changed, true)) shard.changed.push_back(&page);
}

void Table::mark_all() {
  for (uint32_t i = 0; i <= shard_mask_; ++i) {
    Shard& shard = shards_[i];
    for (size_t at = 0;; ++at) {
      const std::lock_guard<std::mutex> guard(shard.lock);
      if (at >= shard.pages.size()) break;
      Page& page = *shard.pages[at];
      in_page(page, [&](Entry& entry, uint32_t) {
        if (entry.ours) mark(shard, page, entry);
        return true;
      });
    }
  }
}

void Table::removed(Entry& entry, uint64_t cleared) {
  if (config_.recv_only) return;
  const std::lock_guard<std::mutex> guard(removals_lock_);
  if (removals_.size() < kMostRemoved) removals_.push_back({std::string(whole_key_of(entry)), cleared});
}

std::vector<Removal> Table::take_removals() {
  const std::lock_guard<std::mutex> guard(removals_lock_);
  return std::exchange(removals_, {});
}

bool Table::learn(const News& news, base::MonoTime now, base::WallTime wall) {
  if (news.origin == origin_ || key_size_of(news.key.size()) != news.key.size() || news.key.empty()) return false;
  uint32_t left = life_;
  if (life_ > 0) {
    const int64_t given = news.deadline - base::to_millis(wall.time_since_epoch());
    if (given <= 0) return false;
    left = static_cast<uint32_t>(std::min<int64_t>(given, life_));
  }
  const uint32_t clock_now = clock(now);
  OwnedPart part;
  if (!news.value.empty()) {
    part = read_part(layout_, news, clock_now, wall, [this](std::string_view name) { return number_of(name); });
    if (!part) return false;
  }
  const uint64_t hash = hash_of(news.key);
  Shard& shard = shard_of(hash);
  const std::lock_guard<std::mutex> guard(shard.lock);
  Spot spot = find_fresh(shard, hash, news.key, clock_now);
  if (!spot.found()) {
    if (!part) return true;
    spot = make(shard, hash, news.key, clock_now);
    if (!spot.found()) return false;
    Entry& made = at(*spot.page, spot.index);
    made.expires = life_ > 0 ? clock_now + left : clock_now;
    spot.page->earliest = std::min(spot.page->earliest, made.expires);
  }
  Entry& entry = at(*spot.page, spot.index);
  Parts parts = parts_of(entry);
  if (!part) parts.remove(news.origin, news.version);
  // What was counted here before is void as well, and those who were told of it meanwhile must hear so.
  const bool voided = parts.forget(news.cleared);
  if (!part && !parts.first() && entry.holders == 0 && (voided || !entry.ours)) {
    if (entry.ours) removed(entry, news.cleared);
    drop(*spot.page, spot.index);
    return true;
  }
  if (voided && entry.ours) mark(shard, *spot.page, entry);
  if (!part) return true;
  if (life_ > 0 && static_cast<int32_t>(clock_now + left - entry.expires) > 0) entry.expires = clock_now + left;
  return parts.put(std::move(part));
}

uint32_t Table::number_of(std::string_view name) {
  const std::lock_guard<std::mutex> guard(names_lock_);
  for (uint32_t i = 0; i < names_.size(); ++i)
    if (names_[i] == name) return i;
  if (names_.size() >= kMostNames) return 0;
  names_.emplace_back(name);
  return static_cast<uint32_t>(names_.size() - 1);
}

bool Table::is_name(uint32_t number, std::string_view name) const {
  const std::lock_guard<std::mutex> guard(names_lock_);
  return number < names_.size() && names_[number] == name;
}

std::string Table::name_of(uint32_t number) const {
  const std::lock_guard<std::mutex> guard(names_lock_);
  return number < names_.size() ? names_[number] : std::string();
}

}  // namespace lbd::table
