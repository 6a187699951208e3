// Indices: the integers under which objects that have names stand in tables. A number is that of the `id` word of the
// configuration where there is one, else the hash of the name: so both nodes have the same, and reload, order and other
// objects change nothing.
//
// Where two names have the same hash the one that comes second takes the next number that is free. Only such numbers
// depend on history: they are kept in a file, which hardly ever exists. Names are to be asked for in sorted order at
// the first reading, so that two nodes that begin with the same configuration agree on those as well. Life: of the
// agent. Thread: that of the loop. Errors: load() and save() say why the file cannot be used; numbers are then those of
// this process. Units: 1 to 2147483647.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"

namespace snmp {

class Indices {
 public:
  using Hash = uint32_t (*)(std::string_view scope, std::string_view name);
  static uint32_t hash(std::string_view scope, std::string_view name);
  explicit Indices(Hash by = hash) : hash_(by) {}

  struct Fixed {
    std::string scope, name;
    uint32_t number;
  };
  // What the configuration says now, in the place of what it said before: these have their numbers whoever had them.
  void fix(const std::vector<Fixed>& all);
  // Numbers of one scope ("backend", "server app") differ from each other.
  uint32_t of(std::string_view scope, std::string_view name);

  // Those that are not what the hash says: lines of number, scope, name, separated by tabs.
  std::string deviations() const;
  // Before the first of().
  base::Status restore(std::string_view text);
  bool changed() const { return changed_; }  // since saved()
  void saved() { changed_ = false; }

 private:
  struct Scope {
    std::unordered_map<std::string, uint32_t> numbers;
    std::unordered_map<uint32_t, std::string> names;
    std::unordered_set<std::string> fixed;
    void forget(const std::string& name);
  };
  const Hash hash_;
  std::unordered_map<std::string, Scope> scopes_;
  bool changed_ = false;
};

}  // namespace snmp
