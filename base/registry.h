// Self-registering rows. A feature's own file holds its rows and one line that enrols them:
//
//   constexpr ActionRow kRows[] = {{.name = "deny", .doc = "…", …}};
//   const base::Registered<ActionRow> kEnrol(kRows);
//
// The list head is constant-initialised and enrolling only links, so there is no order problem between files; nothing
// is looked up before main. Rows have at least `name` and `doc`. A name that stands twice aborts at the first lookup
// and is caught by the test that walks all registries. Files are linked as objects, never through a static archive,
// which would drop them silently.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace base {

template <typename Row>
class Registered {
 public:
  template <size_t N>
  explicit Registered(const Row (&rows)[N]) : rows_(rows), next_(head_) {
    head_ = this;
  }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;

  template <typename Visit>
  static void for_each(Visit visit) {
    for (const Registered* block = head_; block; block = block->next_)
      for (const Row& row : block->rows_) visit(row);
  }

  // Null when nobody has enrolled the name. For rows that are unique by name alone.
  static const Row* find(std::string_view name) {
    static const std::unordered_map<std::string_view, const Row*> index = [] {
      std::unordered_map<std::string_view, const Row*> all;
      for_each([&](const Row& row) { CHECK(all.emplace(row.name, &row).second && "a name is registered twice"); });
      return all;
    }();
    auto it = index.find(name);
    return it == index.end() ? nullptr : it->second;
  }

 private:
  std::span<const Row> rows_;
  const Registered* next_;
  static constinit inline const Registered* head_ = nullptr;
};

}  // namespace base
