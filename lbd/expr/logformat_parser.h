// Compiles the text of a log format: literal text, %tags with flags (%{+Q}r), %[expressions]. Used for log lines and
// for every text with %[…] in rules: header values, redirect targets, variables, dynamic backend names.
//
// Errors: in the Diagnostics, at the character. Life: nodes and expressions in the Storage of the context; the
// LogFormat views them. Manual: 8.2.4.
#pragma once

#include "lbd/expr/context.h"
#include "lbd/expr/logformat.h"

namespace lbd::expr {

enum class TextFor : uint8_t {
  log,       // what has no value is '-', and blanks beside blanks are left out
  id,        // unique-id-format: a message, with the blanks of a log line
  message,   // an HTTP message: control bytes of values are percent-encoded, Q does not apply to values
  variable,  // as it is
};

// Empty after an error.
LogFormat parse_logformat(CompileContext& context, const cfg::Word& word, Phases where, TextFor use);
// Of a text that the program itself contains (the formats of option httplog …).
LogFormat parse_logformat(CompileContext& context, std::string_view text, Phases where, TextFor use);

}  // namespace lbd::expr
