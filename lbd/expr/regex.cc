#define PCRE2_CODE_UNIT_WIDTH 8
#include "lbd/expr/regex.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <memory>

#include "base/strings.h"

namespace lbd::expr {

namespace {

struct MatchScratch {
  pcre2_match_data* data = pcre2_match_data_create(Regex::kMaxGroups, nullptr);
  ~MatchScratch() { pcre2_match_data_free(data); }
};

pcre2_match_data* scratch() {
  thread_local MatchScratch own;
  return own.data;
}

}  // namespace

base::Result<Regex> Regex::compile(std::string_view pattern, bool ignore_case) {
  int error = 0;
  size_t at = 0;
  uint32_t flags = ignore_case ? PCRE2_CASELESS : 0;
  auto* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), flags, &error, &at, nullptr);
  if (!code) {
    char text[256];
    pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof(text));
    return base::Err(fmt::format("regex '{}' is invalid: {} at character {}", pattern, text, at + 1));
  }
  bool jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
  return Regex(code, jit);
}

Regex::~Regex() {
  if (code_) pcre2_code_free(code_);
}

int Regex::run(std::string_view subject, size_t from) const {
  auto* text = reinterpret_cast<PCRE2_SPTR>(subject.data() ? subject.data() : "");
  if (jit_) return pcre2_jit_match(code_, text, subject.size(), from, 0, scratch(), nullptr);
  return pcre2_match(code_, text, subject.size(), from, 0, scratch(), nullptr);
}

bool Regex::matches(std::string_view subject) const {
  return run(subject, 0) >= 0;
}

bool Regex::match(std::string_view subject, size_t from, Groups& groups) const {
  int found = run(subject, from);
  if (found < 0) return false;
  // 0: more groups than the scratch holds; the first ones are there.
  groups.count = found == 0 ? kMaxGroups : static_cast<size_t>(found);
  const size_t* ends = pcre2_get_ovector_pointer(scratch());
  for (size_t i = 0; i < kMaxGroups; ++i) {
    bool set = i < groups.count && ends[2 * i] != PCRE2_UNSET;
    groups.text[i] = set ? subject.substr(ends[2 * i], ends[2 * i + 1] - ends[2 * i]) : std::string_view();
  }
  return true;
}

base::Result<Substitution> Substitution::compile(std::string_view text) {
  Substitution made;
  std::string literal;
  auto flush = [&] {
    if (!literal.empty()) made.pieces_.push_back({-1, std::move(literal)});
    literal.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      literal += text[i];
      continue;
    }
    if (++i == text.size()) return base::Err(fmt::format("'{}' ends with a backslash", text));
    if (base::is_digit(text[i])) {
      flush();
      made.pieces_.push_back({text[i] - '0', {}});
    } else if (text[i] == 'x') {
      int high = i + 1 < text.size() ? base::hex_digit(text[i + 1]) : -1;
      int low = i + 2 < text.size() ? base::hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return base::Err(fmt::format("'\\x' in '{}' needs two hexadecimal digits", text));
      literal += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      literal += text[i];
    }
  }
  flush();
  return made;
}

size_t Substitution::length(const Regex::Groups& groups) const {
  size_t all = 0;
  for (const Piece& piece : pieces_)
    all += piece.group < 0 ? piece.text.size() : groups.text[static_cast<size_t>(piece.group)].size();
  return all;
}

char* Substitution::write(const Regex::Groups& groups, char* to) const {
  for (const Piece& piece : pieces_) {
    std::string_view part =
        piece.group < 0 ? std::string_view(piece.text) : groups.text[static_cast<size_t>(piece.group)];
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  return to;
}

void Substitution::append(const Regex::Groups& groups, TextBuilder& to) const {
  for (const Piece& piece : pieces_)
    to.append(piece.group < 0 ? std::string_view(piece.text) : groups.text[static_cast<size_t>(piece.group)]);
}

std::string_view Substitution::make(const Regex::Groups& groups, base::Arena& arena) const {
  size_t size = length(groups);
  char* to = arena.alloc_chars(size);
  write(groups, to);
  return {to, size};
}

}  // namespace lbd::expr
