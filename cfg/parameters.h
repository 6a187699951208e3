// Parameters: the $NAME=value definitions of a keepalived.conf and their substitution (keepalived.conf(5), "Parameter
// substitution", "Pre-defined definitions").
//
// A value is kept as it was written and substituted where it is used, again and again until nothing is left to
// replace, so a definition may follow its use in another value. $NAME counts before a blank or the end, ${NAME}
// anywhere, inside quotes too; an unknown name stays as it is. A value may have several lines.
//
// Text carries the place of each character, so that a word that came out of three substitutions still points to a
// line of a file. Thread: one load. Errors: a substitution that does not end is cut off and reported by the caller.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cfg/source.h"

namespace cfg {

// One line with the place of each of its characters.
struct Text {
  struct Mark {
    const Source* source = nullptr;
    uint32_t line = 0;
    uint32_t column = 0;
  };
  std::string chars;
  std::vector<Mark> marks;

  static Text of_line(const Source& source, uint32_t line);
  // All characters get one place.
  static Text made(std::string_view chars, const Mark& where);

  bool empty() const { return chars.empty(); }
  size_t size() const { return chars.size(); }
  Text slice(size_t from, size_t length = std::string::npos) const;
  void replace(size_t from, size_t length, const Text& with);
  void append(const Text& more) { replace(size(), 0, more); }
  void trim_left();
  // The place of the characters [from, from + length), underlined as far as they stand together in the file.
  Location locate(size_t from, size_t length = 1) const;
};

// The outcome of substituting one line: its first line, and what a value of several lines has put behind it (not
// substituted yet, since the lines before may define what they use).
struct Substituted {
  Text first;
  std::vector<Text> rest;
  bool endless = false;
};

class Parameters {
 public:
  // `limit`: bytes that all substitutions of a load may produce together.
  explicit Parameters(size_t limit) : budget_(limit) {}

  // Valid: letters, digits and '_', not beginning with a digit.
  static size_t name_length(std::string_view text);

  void define(std::string_view name, std::vector<Text> value) { values_.insert_or_assign(std::string(name), value); }
  void forget(std::string_view name);
  bool defines(std::string_view name) const { return values_.find(name) != values_.end(); }

  // What ${_NAME …} gives, for the names that depend on the place: _PWD and _INSTANCE are definitions, set by the
  // caller; _RANDOM, _ENV, _HASH and _BANG are answered here.
  Substituted substitute(Text line);

 private:
  struct Use {
    size_t at, length;
    std::vector<Text> value;
  };
  bool find_use(const Text& line, size_t from, Use& use);
  bool predefined(std::string_view content, const Text::Mark& where, std::vector<Text>& value) const;

  std::map<std::string, std::vector<Text>, std::less<>> values_;
  size_t budget_;
};

}  // namespace cfg
