// PatternRef: one list of patterns, or map, under its name: a file, a virtual list, or the words of one ACL. All ACLs
// and map converters that name the file share it; each way of matching (method, case) has an index of its own.
//
// The entries that count are one version of the list. Readers take it without a lock and look at it only within a turn
// of base::Grace. Changes (runtime API, set-map and the like) take the lock, alter the version in place, or prepare
// another one unseen and put it in its place at once: prepare(), add(), commit(). Files and uses are added at load.
// What was changed is kept in a PatternJournal where other nodes are to have the same.
// Owner: PatternFiles. Errors: texts, "" for none; a change that fails changes nothing. Manual: 7.1, 7.3.1 map;
// management.txt: show acl, add map, prepare acl ….
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lbd/expr/pattern_index.h"
#include "lbd/expr/pattern_journal.h"
#include "lbd/expr/pattern_table.h"

namespace lbd::expr {

class PatternRef {
 public:
  // What the runtime API may say of a look-up under one use.
  struct Lookup {
    Match match;
    bool ignore_case, in_list, found;
    std::string key, value;
    bool has_value = false;
    Type type = Type::string;  // of the value
  };
  struct Shown {
    uint64_t ref;
    std::string_view key, value;
    bool has_value;
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
  // When the file was written, microseconds of wall time: what was changed at run time before that may be over.
  void set_file_time(uint64_t time) { file_time_ = time; }
  // Rules will change it by keys.
  void expect_changes();
  // What is changed from now on is kept for take_changes().
  void track_changes();
  void used_by(std::string_view what, std::string_view file, uint32_t line);
  // A map whose keys are an ACL's patterns, too.
  void used_as_acl() { as_acl_ = true; }
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
  bool is_acl() const { return !is_map_ || as_acl_; }
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
  // One entry of the current version, by the number that show() gives it.
  std::string set_entry(uint64_t ref, std::string_view value);
  std::string remove_entry(uint64_t ref);
  // As rules change it: set or add; add unless it is there.
  std::string set_or_add(std::string_view key, std::string_view value);
  std::string add_once(std::string_view key);
  std::string clear();
  std::string clear(uint32_t version);
  uint32_t prepare();
  std::string commit(uint32_t version);
  // The entries in order; none for a version that is not there.
  std::vector<uint64_t> refs(uint32_t version) const;
  // Those of them that are still there. Each call takes the lock: a few thousand at once.
  void show(uint32_t version, std::span<const uint64_t> refs, const std::function<void(const Shown&)>& visitor) const;
  // All of them, for small lists.
  void visit(uint32_t version, const std::function<void(const Shown&)>& visitor) const {
    show(version, refs(version), visitor);
  }
  std::vector<Lookup> lookup(std::string_view text) const;

  // --- what is changed here is told to other nodes, and what they told is applied; any thread ---
  bool has_changes() const { return has_changes_.load(std::memory_order_relaxed); }
  // Some `most` of those that wait; none: there are none.
  std::vector<PatternChange> take_changes(size_t most);
  // All changes there ever were wait again.
  void mark_changes();
  // The later change of a key wins. What is older than the file, which says something else about it now, is over.
  void apply(const PatternChange& change);

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
  PatternEntry* with_ref(const Version& version, uint64_t ref) const;
  void replace_current(std::unique_ptr<Version> next);
  std::string set_here(std::string_view key, std::string_view value);
  std::string add_here(std::string_view key, std::string_view value);
  // Before a key is changed; after the list was replaced.
  void note(std::string_view key);
  void note_replaced();
  std::vector<std::string> values_of(Version& version, std::string_view key);
  void put_values(Version& version, std::string_view key, const std::vector<std::string>& values, bool bulk);
  void apply_epoch(const PatternChange& change);
  void take_contents(std::vector<PatternChange>& changes, size_t most);

  const std::string name_;
  const bool is_map_;
  bool as_acl_ = false;
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
  uint64_t file_time_ = 0, file_digest_ = 0;
  std::unique_ptr<PatternJournal> journal_;  // null: nobody asks
  std::atomic<bool> has_changes_{false};
  uint32_t contents_at_ = 0;  // how far they were told, an index
  struct Staged {
    uint64_t epoch = 0;
    std::unique_ptr<Version> version;
  };
  Staged staged_;            // what others told of an epoch whose turn has not come
  uint64_t void_epoch_ = 0;  // an epoch that is older than the file
  mutable std::mutex mutex_;
};

}  // namespace lbd::expr
