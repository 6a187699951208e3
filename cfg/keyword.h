// Keyword<Model>: one row of a configuration language: its name, where it may stand, what it does, one line of help.
//
//   constexpr Keyword<Proxy> kRows[] = {
//       {.name = "maxconn", .doc = "…", .sections = kFront, .set = cfg::field<&Proxy::maxconn>({0, 1000000})},
//       {.name = "balance", .doc = "…", .sections = kBack, .set = [](cfg::Args& args, Proxy& proxy) { … }},
//   };
//   const base::Registered<Keyword<Proxy>> kEnrol(kRows);
//
// A name may be several words ("timeout connect"): match() finds the row with the most words. What `sections` and
// `flags` mean is the language's own affair; this file knows no keyword. Life: static. Thread: any.
#pragma once

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "base/registry.h"
#include "cfg/args.h"
#include "cfg/field.h"

namespace cfg {

// What a row does: a function, or a field with its range.
template <typename Model>
class Setter {
 public:
  constexpr Setter() = default;
  template <typename Action>
  constexpr Setter(Action action) {
    if constexpr (std::is_convertible_v<Action, void (*)(Args&, Model&)>) {
      plain_ = action;
    } else {
      ranged_ = &Action::template run<Model>;
      range_ = action.range;
    }
  }
  void operator()(Args& args, Model& model) const {
    if (plain_)
      plain_(args, model);
    else
      ranged_(args, model, range_);
  }

 private:
  void (*plain_)(Args&, Model&) = nullptr;
  void (*ranged_)(Args&, Model&, const Range&) = nullptr;
  Range range_;
};

template <typename Model>
struct Keyword {
  std::string_view name;
  std::string_view doc;
  uint32_t sections = ~0u;
  Setter<Model> set;
  uint32_t flags = 0;
  // Not empty: the word is read and kept, but nothing acts on it yet; completes "takes no effect yet: ".
  std::string_view pending = {};
};

template <typename Model>
class Keywords {
 public:
  struct Match {
    const Keyword<Model>* row = nullptr;
    size_t words = 0;
  };

  // The row that the statement's words from `from` on begin with.
  static Match match(const Statement& statement, size_t from) {
    auto it = index().find(statement[from]);
    if (it == index().end()) return {};
    for (const Keyword<Model>* row : it->second) {  // most words first
      size_t words = 0;
      for (std::string_view left = row->name; !left.empty(); ++words) {
        size_t blank = std::min(left.find(' '), left.size());
        if (statement[from + words] != left.substr(0, blank)) break;
        left.remove_prefix(std::min(blank + 1, left.size()));
        if (left.empty()) return {row, words + 1};
      }
    }
    return {};
  }

  // The row of a word that is a whole name.
  static const Keyword<Model>* find(std::string_view word) {
    auto it = index().find(word);
    if (it == index().end()) return nullptr;
    for (const Keyword<Model>* row : it->second)
      if (row->name == word) return row;
    return nullptr;
  }

  // The names that could stand where `statement` went wrong: the second words when the first is known
  // ("timeout foo"), the first words otherwise. `which` is the word that is wrong.
  static std::vector<std::string_view> candidates(const Statement& statement, size_t from, size_t& which) {
    std::vector<std::string_view> out;
    auto it = index().find(statement[from]);
    which = from;
    if (it != index().end() && statement.size() > from + 1) {
      which = from + 1;
      for (const Keyword<Model>* row : it->second) {
        std::string_view tail = row->name.substr(std::min(it->first.size() + 1, row->name.size()));
        out.push_back(tail.substr(0, tail.find(' ')));
      }
    } else {
      for (const auto& [first, rows] : index()) out.push_back(first);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

 private:
  using Index = std::unordered_map<std::string_view, std::vector<const Keyword<Model>*>>;
  static const Index& index() {
    static const Index all = [] {
      Index rows;
      base::Registered<Keyword<Model>>::for_each([&](const Keyword<Model>& row) {
        auto& same = rows[row.name.substr(0, row.name.find(' '))];
        for (const auto* other : same) CHECK(other->name != row.name && "a word is registered twice");
        same.push_back(&row);
      });
      auto blanks = [](std::string_view name) { return std::count(name.begin(), name.end(), ' '); };
      for (auto& [first, same] : rows)
        std::stable_sort(same.begin(), same.end(),
                         [&](const auto* a, const auto* b) { return blanks(a->name) > blanks(b->name); });
      return rows;
    }();
    return all;
  }
};

}  // namespace cfg
