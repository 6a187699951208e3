// Expect: what an answer has to look like, as `http-check expect` and `tcp-check expect` lines say it, and how a
// text is held against it. Pure. Life: part of a Plan. Errors: at load, at the word. Manual: 4.2 http-check expect.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cfg/args.h"
#include "lbd/check/scene.h"
#include "lbd/expr/regex.h"

namespace lbd::check {

// A name or value: equal, or beginning, ending, containing, or matching.
struct TextPattern {
  enum class How : uint8_t { equal, begin, end, part, regex } how = How::equal;
  std::string text;
  const expr::LogFormat* format = nullptr;  // what makes the text, in a run
  std::shared_ptr<const expr::Regex> regex;
  bool ignore_case = false;
  // `made`: by the format.
  bool matches(std::string_view subject, std::string_view made) const;
};

// The texts that formats make in a run of the check.
struct Wanted {
  std::string text, name, value;
  std::string_view mistake;  // why one cannot be looked for; "": all can
};

struct Expect {
  enum class What : uint8_t {
    status,
    status_regex,
    header,
    whole_header,
    text,
    text_format,
    regex,
    binary,
    binary_format,
    binary_regex,
  };
  What what = What::status;
  bool negated = false;
  int min_received = -1;
  std::vector<std::pair<int, int>> statuses;
  std::string text;                         // string, or decoded binary
  const expr::LogFormat* format = nullptr;  // of those that have one
  std::shared_ptr<const expr::Regex> regex;
  TextPattern name;
  std::optional<TextPattern> value;
  std::string comment;
  const expr::LogFormat *on_success = nullptr, *on_error = nullptr;
  const expr::Expr* status_code = nullptr;
  std::optional<CheckStatus> ok_status, error_status, timeout_status;

  Wanted wanted(Scene& scene, const Heard& heard) const;
  bool holds_status(int status) const;
  // The text or regular expression is found in `bytes`, negation aside.
  bool found_in(std::string_view bytes, const Wanted& wanted) const;
  // The code of a report with this status: that of the words, where such a report tells one, or `usual`.
  int code(CheckStatus status, Scene& scene, const Heard& heard, int usual) const;
};

// The words behind `expect`. Nothing when something was reported.
std::optional<Expect> parse_expect(cfg::Args& args, expr::CompileContext& context, bool http);

// Hexadecimal digits to bytes; nothing when they are not.
std::optional<std::string> decode_hex(std::string_view digits);

}  // namespace lbd::check
