// PartStore: the parts of all objects that several processes have (proto/parts.proto), in the order of their last
// changes. What a part says is the business of those who write and read it; here it is bytes.
//
// As in Store, the order is the queue of every link: a link has a Cursor in it, and what stands behind the cursor is
// what it still owes. A part waits at most once however often it changes. An object ends with its deadline, which is
// the latest that any of its parts had: nobody tells it any more, and a part that comes later than its deadline is
// ignored, so that nothing comes back. At most `limit` parts are kept; the one that changed longest ago makes room,
// unless it is of a pattern list and others are there.
//
// There are millions of them, and what takes time is waiting for memory: an object has its key, and a part its value,
// in the same piece of memory, and put() of many fetches early what it will need.
//
// Life: as long as the process. Thread: one. Errors: put() says what became of a part. Times: deadlines in
// milliseconds, versions in microseconds of wall time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/metric.h"
#include "replica/hash_index.h"
#include "replica/names.h"

namespace replica {

// Tables whose names begin so are lists that an operator changes: they make no room for what clients cause, and a part
// without a key voids all of the table that is not later than its `cleared`.
inline constexpr std::string_view kPatternLists = "list/";

class PartObserver {
 public:
  // After it; must not change the store.
  virtual void parts_changed() = 0;

 protected:
  ~PartObserver() = default;
};

class PartStore {
  struct Object;

 public:
  // In the order of changes: a part, or a cursor.
  struct Place {
    Place *before = nullptr, *behind = nullptr;
    bool is_part = false;
  };
  struct Part : Place {
    Object* object = nullptr;
    Part* sibling = nullptr;  // of the same object
    uint64_t version = 0, sequence = 0;
    uint32_t origin = 0;  // in origins()
    uint32_t source = 0;  // who told it and so knows it; 0: nobody
    uint32_t value_size = 0;
    uint32_t table() const { return object->table; }  // in tables()
    std::string_view key() const { return object->key(); }
    std::string_view value() const { return {reinterpret_cast<const char*>(this + 1), value_size}; }
    int64_t deadline() const { return object->deadline; }
    uint64_t cleared() const { return object->cleared; }
  };
  struct News {
    std::string_view table, key, value;
    uint64_t origin = 0, version = 0, cleared = 0;
    std::string_view node;
    int64_t deadline = 0;  // 0: none
  };
  enum class Put : uint8_t { taken, known, late, refused };

  // Where a link stands.
  class Cursor : private Place {
   public:
    explicit Cursor(PartStore& store) : store_(store) { store_.insert_before(*this, store_.end_); }
    ~Cursor() { store_.take_out(*this); }
    // To the place behind the part with this number.
    void rewind(uint64_t sequence);
    // The next part, over which the cursor moves; null: none.
    const Part* next();
    bool at_end() const { return behind == &store_.end_; }

   private:
    PartStore& store_;
  };

  explicit PartStore(size_t limit);
  PartStore(const PartStore&) = delete;
  PartStore& operator=(const PartStore&) = delete;
  ~PartStore();

  // `now`: milliseconds of wall time.
  Put put(const News& news, uint32_t source, int64_t now);
  void put(std::span<const News> all, uint32_t source, int64_t now);
  // Looks at the next `count` places of the order, and drops objects whose deadline is over.
  void sweep(size_t count, int64_t now);
  // A number that no source had: what bears the old one of somebody who forgot it is news to him.
  uint32_t new_source() { return ++last_source_; }
  void add_observer(PartObserver& observer) { observers_.push_back(&observer); }
  void remove_observer(PartObserver& observer) { std::erase(observers_, &observer); }

  size_t parts() const { return parts_; }
  size_t objects() const { return objects_.size(); }
  size_t limit() const { return limit_; }
  uint64_t last_sequence() const { return sequence_; }
  const Names& tables() const { return tables_; }
  struct OriginName {
    uint64_t id;
    std::string node;
  };
  const OriginName& origin(uint32_t number) const { return origins_[number]; }

  struct Counters {
    base::Counter taken, known, late, refused, evicted;
  };
  const Counters& counters() const { return counters_; }

 private:
  struct Object {
    int64_t deadline = 0;
    uint64_t cleared = 0;
    Part* parts = nullptr;
    uint32_t table = 0;
    uint32_t key_size = 0;
    std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), key_size}; }
  };

  void insert_before(Place& place, Place& other);
  void take_out(Place& place);
  void changed(Part& part, uint32_t source);
  uint64_t hash_of(uint32_t table, std::string_view key) const;
  Object& find_or_make(uint32_t table, std::string_view key, uint64_t hash);
  Part* find(Object& object, uint32_t origin) const;
  Part& set_value(Object& object, Part* part, std::string_view value);
  std::optional<uint32_t> table_number(std::string_view name);
  bool number_of_origin(uint64_t id, std::string_view node, uint32_t& number);
  Put put(const News& news, std::optional<uint32_t> table, uint64_t hash, uint32_t source, int64_t now);
  Put refuse();
  void tell();
  void drop_part(Part& part);
  void drop_parts_up_to(Object& object, uint64_t version);
  void drop_object(Object& object);
  void make_room();
  bool is_pattern_list(uint32_t table) const { return tables_[table].starts_with(kPatternLists); }
  // Up to which version all of the table is void.
  uint64_t void_up_to(uint32_t table) const { return table < void_up_to_.size() ? void_up_to_[table] : 0; }
  bool is_void(const Object& object) const;

  const size_t limit_;
  Place end_;            // of the ring: its `behind` is the part that changed longest ago
  const uint64_t seed_;  // keys come from clients: nobody can choose those that meet
  HashIndex<Object> objects_;
  Names tables_;
  uint32_t last_table_ = 0, last_origin_ = 0;  // what comes together is mostly of one
  std::vector<uint64_t> void_up_to_;           // by table
  std::vector<OriginName> origins_;
  std::unordered_map<uint64_t, uint32_t> origin_numbers_;
  size_t parts_ = 0;
  uint64_t sequence_ = 0;
  uint32_t last_source_ = 0;
  std::unique_ptr<Cursor> sweeper_;
  std::vector<PartObserver*> observers_;
  Counters counters_;
};

}  // namespace replica
