// LogFormat: a format text ("%ci:%cp [%tr] %[req.hdr(host),lower] %{+Q}r") compiled once, and printed without
// allocation. Log lines, unique ids, header values, redirect targets and formatted variables all use it.
//
// A format is a list of nodes: literal text, a tag (a row over Transaction), a sample expression; or with %{+json}o or
// %{+cbor}o a map of those that have a name, %(name)tag. Life: as long as the
// rules that it belongs to; immutable after load. Thread: any. Errors: load errors are diagnostics at the character;
// printing cannot fail, what does not fit is cut off. Manual: 8.2.4 to 8.2.6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lbd/expr/log_encoding.h"
#include "lbd/expr/transaction.h"

namespace lbd::expr {

struct LogNode;

class LogFormat {
 public:
  LogFormat();
  LogFormat(LogFormat&&) noexcept;
  LogFormat& operator=(LogFormat&&) noexcept;
  ~LogFormat();

  bool empty() const { return nodes_.empty(); }
  bool uses(std::string_view tag) const;  // "bi"
  // The text when it holds neither tag nor expression, so that callers need not print it again and again.
  bool is_constant() const { return constant_; }
  std::string_view constant() const { return constant_text_; }

  // Writes at most `room` bytes, never a terminator; returns how many.
  size_t print(Transaction& transaction, char* to, size_t room) const;
  // The text in the arena of the transaction (or the constant itself).
  std::string_view print(Transaction& transaction) const;

 private:
  friend class LogFormatParser;
  void print_map(Transaction& transaction, Printer& out) const;
  std::vector<LogNode> nodes_;
  std::string constant_text_;
  bool constant_ = true;
  bool dashes_ = false;                 // a log line: what has no value is '-'
  Encoding encoding_ = Encoding::none;  // of the whole
  bool raw_ = false;
};

}  // namespace lbd::expr
