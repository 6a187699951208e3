// Expect: what an answer has to look like, as `http-check expect` and `tcp-check expect` lines say it, and how a
// text is held against it. Pure. Life: part of a Plan. Errors: at load, at the word. Manual: 4.2 http-check expect.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cfg/args.h"
#include "lbd/check/check.h"
#include "lbd/expr/regex.h"

namespace lbd::check {

// A name or value: equal, or beginning, ending, containing, or matching.
struct TextPattern {
  enum class How : uint8_t { equal, begin, end, part, regex } how = How::equal;
  std::string text;
  std::shared_ptr<const expr::Regex> regex;
  bool ignore_case = false;
  bool matches(std::string_view subject) const;
};

struct Expect {
  enum class What : uint8_t { status, status_regex, header, whole_header, text, regex, binary, binary_regex };
  What what = What::status;
  bool negated = false;
  int min_received = -1;
  std::vector<std::pair<int, int>> statuses;
  std::string text;  // string, or decoded binary
  std::shared_ptr<const expr::Regex> regex;
  TextPattern name;
  std::optional<TextPattern> value;
  std::string comment, on_success, on_error;
  std::optional<CheckStatus> ok_status, error_status, timeout_status;

  bool holds_status(int status) const;
  // The text or regular expression is found in `bytes`, negation aside.
  bool found_in(std::string_view bytes) const;
};

// The words behind `expect`. Nothing when something was reported.
std::optional<Expect> parse_expect(cfg::Args& args, bool http);

// A text that HAProxy reads as a log-format string, which here has to be plain: `%%` is a percent sign, any other
// expression is an error. Nothing when it was reported.
std::optional<std::string> take_plain_format(cfg::Args& args);

// Hexadecimal digits to bytes; nothing when they are not.
std::optional<std::string> decode_hex(std::string_view digits);

}  // namespace lbd::check
