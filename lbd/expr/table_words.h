// TableWords: the rows of fetches and converters that follow from the types of data that tables store: their names are
// put together when this is compiled, so that a row stands in the registry like any other.
//
// Use: constinit const TableWords<FetchRow, how many> kWords(make). Life: static. Thread: any.
#pragma once

#include <cstddef>
#include <string_view>

#include "lbd/config/stick_table.h"

namespace lbd::expr {

template <typename Row, size_t Count>
class TableWords {
 public:
  // make(add) calls add(row, part, part, part) for each; the parts are its name.
  template <typename Make>
  constexpr explicit TableWords(Make make) {
    size_t count = 0, used = 0;
    make([&](Row row, std::string_view a, std::string_view b, std::string_view c) {
      const size_t from = used;
      for (std::string_view part : {a, b, c})
        for (char letter : part) letters_[used++] = letter;
      row.name = {letters_ + from, used - from};
      rows_[count++] = row;
    });
  }
  using Rows = Row[Count];
  constexpr const Rows& rows() const { return rows_; }

 private:
  Row rows_[Count]{};
  char letters_[Count * 24]{};
};

// How many rows make() gives.
template <typename Row, typename Make>
constexpr size_t count_words(Make make) {
  size_t count = 0;
  make([&](const Row&, std::string_view, std::string_view, std::string_view) { ++count; });
  return count;
}

}  // namespace lbd::expr
