// Regex: a PCRE2 pattern, compiled once with JIT, and Substitution: the text with \1 that replaces what it matched.
// Life: as long as the rules. Thread: any; the scratch of a match is per thread. Errors: load only, with PCRE2's text
// and the offset in the pattern. Manual: 7.1.4, 4.2 http-request replace-header.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "lbd/expr/text_builder.h"

struct pcre2_real_code_8;

namespace lbd::expr {

class Regex {
 public:
  // Groups beyond \9 cannot be named in a substitution.
  static constexpr size_t kMaxGroups = 10;
  struct Groups {
    size_t count = 0;                                 // of those set, including \0
    std::array<std::string_view, kMaxGroups> text{};  // a group that took no part is null
  };

  static base::Result<Regex> compile(std::string_view pattern, bool ignore_case);
  Regex(Regex&& other) noexcept : code_(other.code_), jit_(other.jit_) { other.code_ = nullptr; }
  Regex& operator=(Regex&&) = delete;
  ~Regex();

  bool matches(std::string_view subject) const;
  // Searches from `from`; groups view the subject.
  bool match(std::string_view subject, size_t from, Groups& groups) const;

 private:
  Regex(pcre2_real_code_8* code, bool jit) : code_(code), jit_(jit) {}
  int run(std::string_view subject, size_t from) const;
  pcre2_real_code_8* code_;
  bool jit_;
};

class Substitution {
 public:
  Substitution() = default;
  // \0 … \9 are groups, \xHH a byte, any other \c is c.
  static base::Result<Substitution> compile(std::string_view text);
  size_t length(const Regex::Groups& groups) const;
  char* write(const Regex::Groups& groups, char* to) const;
  void append(const Regex::Groups& groups, TextBuilder& to) const;
  std::string_view make(const Regex::Groups& groups, base::Arena& arena) const;

 private:
  struct Piece {
    int group;  // -1: the text
    std::string text;
  };
  std::vector<Piece> pieces_;
};

}  // namespace lbd::expr
