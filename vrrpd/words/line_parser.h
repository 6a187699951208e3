// LineParser: what the readers of lines that are written as for `ip` have in common: the whole line as a text, options
// that take a value, and that a line with an error is left out.
//
// Life: one line. Thread: that of the loop. Errors: told to Args, once for a line.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "vrrpd/words/words.h"

namespace vrrpd {

class LineParser {
 protected:
  // `consequence`: "the route is left out".
  LineParser(Args& args, std::string_view consequence) : args_(args), consequence_(consequence) {}

  std::string text() const {
    std::string all;
    for (const cfg::Word& word : args_.block().words) {
      if (!all.empty()) all += ' ';
      all += word.text;
    }
    return all;
  }
  void fail(const cfg::Word& at, std::string text) {
    args_.error(at.loc, std::move(text), std::string(consequence_));
    good_ = false;
  }
  // The next word through `parse`, which gives nothing for what is not `what`.
  template <typename Value>
  void set(Value& to, auto parse, std::string_view what) {
    const auto word = args_.next(what);
    if (!word) return void(good_ = false);
    if (const auto value = parse(word->text))
      to = *value;
    else
      fail(*word, fmt::format("'{}' is not {}", word->text, what));
  }

  Args& args_;
  bool good_ = true;

 private:
  const std::string_view consequence_;
};

}  // namespace vrrpd
