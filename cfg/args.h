// Args: the cursor with which a keyword's handler reads the words behind it.
//
// take<T>() gives the next word as a T, or reports an error at that word (or behind the last one when it is missing)
// and gives nothing; the handler then just returns, since the statement is already known to be wrong. What a handler
// leaves over is an error of the caller's (expect_end). On lines of many words (bind, server) each word's handler
// gets the same cursor and begin() moves the name that messages speak of.
// Thread: one load. Life: one statement. Errors: into Diagnostics, never thrown.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cfg/environment.h"
#include "cfg/statement.h"
#include "cfg/value.h"

namespace cfg {

// "no option X" and "default option X"; plain otherwise.
enum class Form : uint8_t { plain, no, default_ };

class Args {
 public:
  // `used`: how many words the keyword itself takes.
  Args(const Statement& statement, size_t used, Diagnostics& diagnostics, Environment& environment,
       Form form = Form::plain);

  const Statement& statement() const { return statement_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  Environment& environment() { return environment_; }
  Form form() const { return form_; }
  // What messages call the keyword.
  const std::string& name() const { return name_; }

  bool at_end() const { return next_ >= statement_.size(); }
  size_t position() const { return next_; }
  const Word* peek() const { return at_end() ? nullptr : &statement_.words[next_]; }
  const Word* next() { return at_end() ? nullptr : &statement_.words[next_++]; }
  // Takes the next word when it is this one.
  bool accept(std::string_view word);
  std::vector<Word> rest();
  // From now on messages, and failed(), speak of this word.
  void begin(const Word& word);

  template <typename T>
  std::optional<T> take(Range range = {});
  std::optional<uint64_t> take_size(Range range = {});
  // One of these words; its index.
  std::optional<size_t> take_choice(const std::vector<std::string_view>& choices);

  void expect_end();
  // At the word taken last, or at the keyword when none was.
  void error(std::string text, std::string hint = {});
  void error_at(const Location& where, std::string text, std::string hint = {});
  void warning(std::string text, std::string hint = {});
  bool failed() const { return failed_; }
  Location last() const { return statement_.at(next_ ? next_ - 1 : 0); }

 private:
  const Word* need(std::string_view what);
  template <typename T>
  std::optional<T> report(base::Result<T> result);

  const Statement& statement_;
  Diagnostics& diagnostics_;
  Environment& environment_;
  size_t next_;
  Form form_;
  std::string name_;
  bool failed_ = false;
};

template <typename T>
std::optional<T> Args::report(base::Result<T> result) {
  if (result) return std::move(*result);
  error("'" + name_ + "' " + result.error().text);
  return std::nullopt;
}

template <typename T>
std::optional<T> Args::take(Range range) {
  if constexpr (std::same_as<T, std::string> || std::same_as<T, Word>) {
    const Word* word = need("an argument");
    if (!word) return std::nullopt;
    if constexpr (std::same_as<T, Word>)
      return *word;
    else
      return word->text;
  } else if constexpr (std::same_as<T, base::Millis> || std::same_as<T, base::Seconds>) {
    // A bare number is in the unit of the field, what is too fine is rounded up.
    const Word* word = need("a time");
    if (!word) return std::nullopt;
    auto time = report(parse_time(word->text, std::same_as<T, base::Millis> ? TimeUnit::ms : TimeUnit::s));
    if (!time) return std::nullopt;
    T value = std::chrono::ceil<T>(*time);
    if (!range.holds(value.count())) {
      error("'" + name_ + "' must be " + describe(range) + (std::same_as<T, base::Millis> ? " ms" : " s"));
      return std::nullopt;
    }
    return value;
  } else {
    static_assert(std::integral<T> && !std::same_as<T, bool>);
    const Word* word = need("a number");
    if (!word) return std::nullopt;
    // Narrow the range to what the field can hold; 64-bit fields hold what a number word can say.
    if constexpr (sizeof(T) < sizeof(int64_t)) {
      range.min = std::max<int64_t>(range.min, std::numeric_limits<T>::min());
      range.max = std::min<int64_t>(range.max, std::numeric_limits<T>::max());
    } else if constexpr (std::unsigned_integral<T>) {
      range.min = std::max<int64_t>(range.min, 0);
    }
    auto value = report(parse_number(word->text, range));
    if (!value) return std::nullopt;
    return static_cast<T>(*value);
  }
}

}  // namespace cfg
