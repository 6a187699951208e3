// Statement: one line of a configuration as words with their places. The first word is the keyword. Rule lines (acl,
// http-request, use_backend …) are kept in the model in this form, in declaration order, for the rules' own compiler.
// Thread: immutable after load. Owner: the model; the Source it points to belongs to the same Config.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cfg/words.h"

namespace cfg {

struct Statement {
  std::vector<Word> words;  // never empty
  Location loc;             // of the first word

  const Word& keyword() const { return words.front(); }
  size_t size() const { return words.size(); }
  // "" beyond the end.
  std::string_view operator[](size_t index) const {
    return index < words.size() ? std::string_view(words[index].text) : std::string_view();
  }
  // The place of a word, or that behind the last one when it is missing.
  Location at(size_t index) const;
  // The words from `from` joined by one blank: the text of a message, a name for a log.
  std::string join(size_t from = 0) const;
};

}  // namespace cfg
