// Table: the entries of one stick table, used by all workers at once.
//
// Entries are spread over shards by the hash of their key; a shard has a lock that is held for the moments of one look
// or change, never across calls. A shard is an extendible hash table: a directory of pages of a few dozen entries, and
// a page that is full is split in two, so that no call takes longer because the table is large. The tags of a page
// stand in its first cache line; with the entry itself that is what a look costs.
// An entry that has expired is nobody's: whoever meets it sees nothing, and sweep() takes it away, page by page. When
// the table is full, the one of its page that was used longest ago makes room; in a small table that of the whole
// table. An entry that is held (hold(), let_go()) stays until it is let go, whatever the clock says.
//
// A table that other nodes have, too (config::StickTable::shared()) knows of each entry what the others counted beside
// what was counted here (parts.h); what is read is the sum. It notes which entries changed here, each once however
// often it changes, until take_changes() asks for them: a peer that is slow, or not there, costs nothing more.
//
// Life: as long as the process. Thread: any. Memory: taken as entries come, kept for later ones. Errors: a full table
// that may not purge, or whose entries are all held, gives no entry. Times are milliseconds of a 32-bit clock.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "lbd/table/layout.h"
#include "lbd/table/page_pool.h"
#include "lbd/table/parts.h"
#include "lbd/table/rate.h"

namespace lbd::table {

// The bytes of a key as the table compares them: 4 or 16 of an address in network order, 4 of an integer, a text of at
// most key_length, exactly key_length of a binary.
using Key = std::string_view;

inline constexpr size_t kNoKey = ~size_t{0};

class Table;

struct Entry {
  uint32_t expires = 0;  // when; without a lifetime: when it was used last
  uint32_t holders = 0;
  uint16_t key_size = 0;
  bool changed = false;  // since take_changes(), of a shared table
  bool ours = false;     // something was counted here, of a shared table
};

// An entry with its shard locked; only until the visit is over.
class Record {
 public:
  Record(const Table& table, Entry& entry, uint32_t now) : table_(table), entry_(entry), now_(now) {}

  // Of a shared table what all nodes have, but for gauges.
  uint64_t get(const Field& field) const;
  // visit(origin, Part*): what each process says of it, this one first with no Part. Nothing where it is not shared.
  template <typename Visit>
  void each_part(Visit visit) const;
  uint64_t get_of(const Part* part, const Field& field) const;
  void set(const Field& field, uint64_t value);
  void add(const Field& field, uint64_t amount);
  void sub(const Field& field);  // not below zero
  Key key() const;
  uint32_t holders() const { return entry_.holders; }
  const void* address() const { return &entry_; }
  base::Millis expires_in() const;
  base::Millis idle() const;  // since its last use
  // Its last use was so long ago.
  void age(base::Millis since) { entry_.expires -= static_cast<uint32_t>(since.count()); }
  const Table& table() const { return table_; }

 private:
  friend class Table;
  char* at(const Field& field) const;
  const Table& table_;
  Entry& entry_;
  uint32_t now_;
  bool changed_ = false;
};

class Table {
 public:
  // `origin`: the process, among all that have the table.
  explicit Table(const config::StickTable& config, uint64_t origin = 0);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const config::StickTable& config() const { return config_; }
  const Layout& layout() const { return layout_; }
  std::string_view name() const { return config_.name; }
  uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  // How much of a key of that size counts; kNoKey: it is none.
  size_t key_size_of(size_t given) const;

  enum class Use : uint8_t {
    look,    // its age stays as it is
    touch,   // it begins to age anew
    create,  // and is made when there is none
  };
  // visit(Record&) with the entry of the key; false when there is none.
  template <typename Visit>
  bool with(Key key, Use use, base::MonoTime now, Visit visit);

  // From hold(), which makes it if need be, to let_go() the entry is there and with() finds it. False: there is no
  // room.
  template <typename Visit>
  bool hold(Key key, base::MonoTime now, Visit visit);
  template <typename Visit>
  void let_go(Key key, base::MonoTime now, Visit visit);

  enum class Removed : uint8_t { absent, held, yes };
  Removed remove(Key key, base::MonoTime now);
  // Where somebody stands who looks at all entries a piece at a time.
  struct Place {
    uint32_t shard = 0;
    size_t page = 0;
  };
  // Of the next `pages` pages: removes those that it is asked about and says yes to; held ones are not asked about.
  // False: that were the last.
  template <typename Judge>
  bool remove_if(Place& place, size_t pages, base::MonoTime now, Judge judge);
  // All that have not expired, in no order; visit(Record&) returns false to end. In small steps, so it is no snapshot.
  template <typename Visit>
  void for_each(base::MonoTime now, Visit visit);
  // The same for the next `pages` pages only. False: that were the last. What moves meanwhile may be missed.
  template <typename Visit>
  bool for_each(Place& place, size_t pages, base::MonoTime now, Visit visit);

  // Takes away what has expired in the next `pages` pages; how many entries there were. One thread at a time.
  size_t sweep(base::MonoTime now, size_t pages);
  size_t pages() const { return pages_.load(std::memory_order_relaxed); }

  // server_key: names are kept once, at most kMostNames. 0 is "".
  static constexpr size_t kMostNames = 65536;
  uint32_t number_of(std::string_view name);
  std::string name_of(uint32_t number) const;
  bool is_name(uint32_t number, std::string_view name) const;

  // What was counted here since the last call, at most some `most` entries: visit(Change). False: there is more.
  template <typename Visit>
  bool take_changes(base::MonoTime now, size_t most, Visit visit);
  // All that was counted here is a change again: somebody new wants to know.
  void mark_all();
  // Entries that an operator removed: the others are to forget them as well. At most kMostRemoved are remembered.
  std::vector<Removal> take_removals();
  // What another process says. False: it was of no use (late, expired, no key of this table).
  bool learn(const News& news, base::MonoTime now, base::WallTime wall);

  static uint32_t clock(base::MonoTime now) { return static_cast<uint32_t>(base::to_millis(now.time_since_epoch())); }

 private:
  friend class Record;
  static constexpr uint32_t kMostOfPage = 56;
  static constexpr uint8_t kDeepest = 26;  // a directory is no larger than that

  struct alignas(64) Page {
    uint8_t tags[kMostOfPage];  // 0: free
    uint32_t earliest;          // nothing in it expires before
    uint8_t depth;              // how many bits of the hash its entries have in common
    uint8_t count;
    bool changed;  // it has changed entries, and stands in the list of its shard
  };
  static_assert(sizeof(Page) == 64);

  struct alignas(64) Shard {
    std::mutex lock;
    std::vector<Page*> directory;  // by the low bits of the hash; several may lead to one page
    std::vector<Page*> pages;      // each once
    size_t swept = 0;              // where sweep() goes on
    std::vector<Page*> changed;
  };

  // Where an entry is, with its shard locked.
  struct Spot {
    Page* page = nullptr;
    uint32_t index = kMostOfPage;
    bool found() const { return index < kMostOfPage; }
  };

  uint64_t hash_of(Key key) const;
  Shard& shard_of(uint64_t hash) const { return shards_[(hash >> 58) & shard_mask_]; }
  static uint8_t tag_of(uint64_t hash) {
    const auto tag = static_cast<uint8_t>(hash >> 40);
    return tag ? tag : 1;
  }
  // The place in its page that it takes when that is free, so that it can be fetched together with the tags.
  uint32_t home_of(uint64_t hash) const { return static_cast<uint32_t>(((hash >> 32 & 0xff) * page_entries_) >> 8); }
  Entry& at(const Page& page, uint32_t index) const {
    char* bytes = const_cast<char*>(reinterpret_cast<const char*>(&page));
    return *reinterpret_cast<Entry*>(bytes + sizeof(Page) + index * entry_size_);
  }
  static char* key_of(Entry& entry) { return reinterpret_cast<char*>(&entry + 1); }
  Key whole_key_of(Entry& entry) const { return {key_of(entry), entry.key_size}; }
  Spot find(const Shard& shard, uint64_t hash, Key key) const;
  Spot find_fresh(Shard& shard, uint64_t hash, Key key, uint32_t now);
  Spot find_or_make(Shard& shard, uint64_t hash, Key key, uint32_t now);
  Spot make(Shard& shard, uint64_t hash, Key key, uint32_t now);
  static uint64_t matches(const Page& page, uint8_t tag);
  uint32_t free_place(const Page& page, uint64_t hash) const;
  bool make_room(Shard& shard, Page* page, uint32_t now);
  bool drop_oldest(std::span<Page* const> pages, uint32_t now);
  bool split(Shard& shard, uint64_t hash);
  Page* new_page(Shard& shard, uint8_t depth);
  void drop(Page& page, uint32_t index);
  void touch(Entry& entry, uint32_t now) const { entry.expires = now + life_; }
  size_t sweep(Shard& shard, Page& page, uint32_t now);
  void refresh(Shard& shard, Page& page, Entry& entry, uint32_t now) const;
  bool expired(const Entry& entry, uint32_t now) const {
    return life_ > 0 && entry.holders == 0 && static_cast<int32_t>(entry.expires - now) <= 0;
  }
  char* data_of(Entry& entry) const { return key_of(entry) + key_room_; }
  void mark(Shard& shard, Page& page, Entry& entry) const;
  Parts parts_of(Entry& entry) const { return Parts(layout_, data_of(entry)); }
  void removed(Entry& entry, uint64_t cleared);
  // visit(Page&, index) for each entry of a page; false ends.
  template <typename Visit>
  bool in_page(Page& page, Visit visit);
  // False: there are no more pages.
  template <typename Visit>
  bool in_pages(Place& place, size_t pages, Visit visit);

  const config::StickTable& config_;
  const uint64_t seed_;  // so that nobody can choose keys that meet in one page
  const Layout layout_;
  const uint32_t life_;  // milliseconds; 0: for ever
  const bool fixed_key_, small_, shared_;
  const uint64_t origin_;
  const uint32_t key_room_;
  const size_t entry_size_;
  const uint32_t page_entries_;
  uint32_t shard_mask_ = 0, sweeping_ = 0, taking_ = 0;
  PagePool pool_;
  std::unique_ptr<Shard[]> shards_;
  std::atomic<uint64_t> used_{0};
  std::atomic<size_t> pages_{0};
  mutable std::mutex names_lock_;
  std::vector<std::string> names_;
  static constexpr size_t kMostRemoved = 100'000;
  std::mutex removals_lock_;
  std::vector<Removal> removals_;
};

template <typename Visit>
bool Table::with(Key key, Use use, base::MonoTime now, Visit visit) {
  const uint64_t hash = hash_of(key);
  const uint32_t clock_now = clock(now);
  Shard& shard = shard_of(hash);
  const std::lock_guard<std::mutex> guard(shard.lock);
  const Spot spot =
      use == Use::create ? find_or_make(shard, hash, key, clock_now) : find_fresh(shard, hash, key, clock_now);
  if (!spot.found()) return false;
  Entry& entry = at(*spot.page, spot.index);
  if (use != Use::look) touch(entry, clock_now);
  Record record(*this, entry, clock_now);
  visit(record);
  if (shared_ && (use != Use::look || record.changed_)) mark(shard, *spot.page, entry);
  return true;
}

template <typename Visit>
bool Table::hold(Key key, base::MonoTime now, Visit visit) {
  return with(key, Use::create, now, [&](Record& record) {
    ++record.entry_.holders;
    visit(record);
  });
}

template <typename Visit>
void Table::let_go(Key key, base::MonoTime now, Visit visit) {
  with(key, Use::touch, now, [&](Record& record) {
    --record.entry_.holders;
    visit(record);
  });
}

template <typename Visit>
bool Table::in_page(Page& page, Visit visit) {
  for (uint32_t index = 0; index < page_entries_; ++index)
    if (page.tags[index] && !visit(at(page, index), index)) return false;
  return true;
}

template <typename Visit>
bool Table::in_pages(Place& place, size_t pages, Visit visit) {
  for (; place.shard <= shard_mask_; ++place.shard, place.page = 0) {
    Shard& shard = shards_[place.shard];
    for (;; ++place.page) {
      const std::lock_guard<std::mutex> guard(shard.lock);
      if (place.page >= shard.pages.size()) break;
      if (pages-- == 0) return true;
      visit(*shard.pages[place.page]);
    }
  }
  return false;
}

template <typename Judge>
bool Table::remove_if(Place& place, size_t pages, base::MonoTime now, Judge judge) {
  const uint32_t clock_now = clock(now);
  return in_pages(place, pages, [&](Page& page) {
    in_page(page, [&](Entry& entry, uint32_t index) {
      Record record(*this, entry, clock_now);
      if (entry.holders > 0 || !judge(record)) return true;
      if (shared_) removed(entry, micros(base::wall_now()));
      drop(page, index);
      return true;
    });
  });
}

template <typename Visit>
bool Table::for_each(Place& place, size_t pages, base::MonoTime now, Visit visit) {
  const uint32_t clock_now = clock(now);
  return in_pages(place, pages, [&](Page& page) {
    in_page(page, [&](Entry& entry, uint32_t) {
      Record record(*this, entry, clock_now);
      if (!expired(entry, clock_now)) visit(record);
      return true;
    });
  });
}

template <typename Visit>
void Table::for_each(base::MonoTime now, Visit visit) {
  Place place;
  bool wanted = true;
  while (wanted && for_each(place, 1, now, [&](Record& record) { wanted = wanted && visit(record); })) {
  }
}

template <typename Visit>
bool Table::take_changes(base::MonoTime now, size_t most, Visit visit) {
  const uint32_t clock_now = clock(now);
  size_t taken = 0;
  for (uint32_t i = 0; i <= shard_mask_; ++i) {
    Shard& shard = shards_[taking_ & shard_mask_];
    for (;;) {
      const std::lock_guard<std::mutex> guard(shard.lock);
      if (shard.changed.empty()) break;
      if (taken >= most) return false;
      Page& page = *shard.changed.back();
      shard.changed.pop_back();
      page.changed = false;
      in_page(page, [&](Entry& entry, uint32_t) {
        if (!std::exchange(entry.changed, false) || expired(entry, clock_now)) return true;
        ++taken;
        const uint32_t left = entry.holders > 0 ? life_ : entry.expires - clock_now;
        visit(Change{whole_key_of(entry), life_ == 0 ? base::Millis(0) : base::Millis(left),
                     parts_of(entry).write(clock_now, [this](uint32_t name) { return name_of(name); })});
        return true;
      });
    }
    ++taking_;
  }
  return true;
}

// --- Record

template <typename Visit>
void Record::each_part(Visit visit) const {
  if (!table_.shared_) return;
  if (entry_.ours) visit(table_.origin_, static_cast<const Part*>(nullptr));
  for (const Part* part = table_.parts_of(entry_).first(); part; part = part->next) visit(part->origin, part);
}

inline char* Record::at(const Field& field) const {
  return Table::key_of(entry_) + table_.key_room_ + field.offset;
}

inline Key Record::key() const {
  return {Table::key_of(entry_), entry_.key_size};
}

}  // namespace lbd::table
