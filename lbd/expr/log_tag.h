// Log tags: the %-words of log formats, "%ci", "%Tr", as rows; and the node of a compiled format that uses them.
//
// A tag prints through a Printer, which counts room, quotes, escapes and in a log line turns what is empty into '-'.
// Thread: any. Errors: none at run time; what does not fit is cut. Manual: 8.2.4, 8.6.
#pragma once

#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/registry.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/log_encoding.h"
#include "lbd/expr/transaction.h"

namespace lbd::expr {

class Printer {
 public:
  Printer(char* to, size_t room) : begin_(to), at_(to), end_(to + room) {}
  size_t size() const { return static_cast<size_t>(at_ - begin_); }

  void raw(char c) {
    if (at_ < end_) *at_++ = c;
  }
  void raw(std::string_view text) {
    size_t n = std::min(text.size(), static_cast<size_t>(end_ - at_));
    if (n) std::memcpy(at_, text.data(), n);
    at_ += n;
  }
  // Literal text of a log line: a blank that would follow a blank is left out, so that a tag that prints nothing leaves
  // no gap. Other texts keep what is written.
  void literal(std::string_view text) {
    if (!text.empty() && text.front() == ' ' && (at_ == begin_ || at_[-1] == ' ')) text.remove_prefix(1);
    raw(text);
  }
  void number(int64_t value);
  void hex(uint64_t value, unsigned digits = 1);  // at least so many
  // Text from outside: bytes that are not printable, and `special` ones, as #XX; `slashed` ones behind a backslash.
  void escaped(std::string_view text, std::string_view special = "\"#", std::string_view slashed = "");
  // A value for an HTTP message: control bytes as %XX, so that nobody smuggles a line end into a field.
  void percent(std::string_view text);
  // A value: in a log line '-' when it is empty (unless quoted), in quotes with +Q, escaped with +E.
  void text(std::string_view value);
  void padded(uint64_t value, unsigned digits);

  bool quote = false, hexadecimal = false, escape = false;  // flags of the tag at hand
  bool dashes = false;                                      // a log line: what is empty is '-'
  bool encoded = false;                                     // an Encoder comes behind it: nothing is written as #XX

 private:
  char *begin_, *at_, *end_;
};

enum class LogKind : uint8_t { text, number };

struct LogTagRow {
  std::string_view name;  // without '%'
  std::string_view doc;
  bool http_only = false;
  void (*print)(Printer& out, Transaction& transaction) = nullptr;
  LogKind kind = LogKind::text;                                             // as JSON and CBOR show it
  std::span<std::string_view> (*list)(Transaction& transaction) = nullptr;  // what they show as a list
};
using LogTags = base::Registered<LogTagRow>;

struct LogNode {
  std::string_view text;  // literal, when neither of the others
  bool merge = false;     // of a log line: a blank that would follow a blank is left out
  const LogTagRow* tag = nullptr;
  const Expr* expr = nullptr;
  bool encode = false;  // an expression for an HTTP message
  bool quote = false, hexadecimal = false, escape = false;
  std::string_view name;  // %(name:type)tag
  Type type = Type::any;  // any: that of the value
  Encoding encoding = Encoding::none;
  bool raw = false;  // +bin
};

}  // namespace lbd::expr
