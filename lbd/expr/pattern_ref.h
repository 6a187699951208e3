// PatternRef: one list of patterns, or map, under its name: a file, a virtual list, or the words of one ACL. All ACLs
// and map converters that name the file share it; each way of matching (method, case) has an index of its own.
//
// The entries that count are one version of the list. Readers take it without a lock and look at it only within a turn
// of base::Grace. Changes (runtime API, set-map and the like) take the lock, alter the version in place, or prepare
// another one unseen and put it in its place at once: prepare(), add(), commit(). Files and uses are added at load.
// Owner: PatternFiles. Errors: texts, "" for none; a change that fails changes nothing. Manual: 7.1, 7.3.1 map;
// management.txt: show acl, add map, prepare acl ….
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lbd/expr/pattern_index.h"
#include "lbd/expr/pattern_table.h"

namespace lbd::expr {

class PatternRef {
 public:
  // What the runtime API may say of a look-up under one use.
  struct Lookup {
    Match match;
    bool ignore_case, in_list, found;
    std::string key, value;
  };
  struct Shown {
    uint64_t id;
    std::string_view key, value;
  };

  // `name`: of the file; "" for the words of an ACL.
  PatternRef(std::string name, bool is_map, base::Grace& grace);
  ~PatternRef();

  // --- at load, one thread ---
  // The number of the use, the same for the same way of matching. An error names an entry that it cannot take.
  size_t add_use(Match match, bool ignore_case, std::string& error);
  // All values must be of this type (integer, address; anything is a string).
  std::string require_values(Type type);
  // Lines of a file: the id of an entry is the number of its line.
  std::string load(std::string_view content);
  std::string load_entry(std::string_view key, std::string_view value, uint64_t id);
  void reserve(size_t count);
  // Rules will change it by keys.
  void expect_changes();
  void used_by(std::string_view what, std::string_view file, uint32_t line);
  void set_number(uint32_t number) { number_ = number; }

  // --- any thread, within a turn ---
  bool empty() const { return current_.load(std::memory_order_acquire)->entries.count() == 0; }
  const PatternEntry* find(size_t use, const Value& value) const {
    const Version* version = current_.load(std::memory_order_acquire);
    return version->entries.count() ? version->indexes[use]->find(value) : nullptr;
  }
  const PatternEntry* find_groups(size_t use, std::string_view text, Regex::Groups& groups) const {
    return current_.load(std::memory_order_acquire)->indexes[use]->find_groups(text, groups);
  }

  // --- any thread; the lock is taken ---
  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  bool is_map() const { return is_map_; }
  uint32_t number() const { return number_; }  // #N of the runtime API
  uint32_t version() const { return version_; }
  uint32_t next_version() const { return next_version_; }
  size_t count() const;  // of all versions

  // Another entry, whatever is there; in a prepared version when one is named.
  std::string add(std::string_view key, std::string_view value);
  std::string add(std::string_view key, std::string_view value, uint32_t version);
  // All that have the key.
  std::string set(std::string_view key, std::string_view value);
  std::string remove(std::string_view key);
  std::string set(uint64_t id, std::string_view value);
  std::string remove(uint64_t id);
  // As rules change it: set or add; add unless it is there.
  std::string set_or_add(std::string_view key, std::string_view value);
  std::string add_once(std::string_view key);
  std::string clear();
  std::string clear(uint32_t version);
  uint32_t prepare();
  std::string commit(uint32_t version);
  // In order; nothing for a version that is not there.
  void visit(uint32_t version, const std::function<void(const Shown&)>& visitor) const;
  std::vector<Lookup> lookup(std::string_view text) const;

 private:
  struct Use {
    Match match;
    bool ignore_case;
  };
  struct Version {
    explicit Version(base::Grace& grace) : entries(grace) {}
    PatternEntries entries;
    std::vector<std::unique_ptr<PatternIndex>> indexes;  // one for each use
    std::unique_ptr<PatternTable> by_key;                // for writers, when they need it
  };
  Version& current() const { return *current_.load(std::memory_order_relaxed); }
  std::unique_ptr<Version> make_version() const;
  Version* find_version(uint32_t version) const;
  std::string check_value(std::string_view value) const;
  std::string insert(Version& version, PatternEntry& entry);
  std::string add_to(Version& version, std::string_view key, std::string_view value, bool bulk);
  void take_out(Version& version, PatternEntry& entry);
  PatternTable& keys(Version& version);
  std::vector<PatternEntry*> with_key(Version& version, std::string_view key);
  void replace_current(std::unique_ptr<Version> next);

  const std::string name_;
  const bool is_map_;
  base::Grace& grace_;
  std::string description_;
  uint32_t number_ = 0;
  std::vector<Use> uses_;
  bool integers_ = false, addresses_ = false;  // what the values must be
  std::atomic<Version*> current_;
  uint32_t version_ = 0, next_version_ = 0;
  std::map<uint32_t, std::unique_ptr<Version>> prepared_;
  uint64_t next_id_ = 1;
  std::unordered_map<std::string_view, const PatternValue*> known_values_;  // while a file is loaded
  mutable std::mutex mutex_;
};

}  // namespace lbd::expr
