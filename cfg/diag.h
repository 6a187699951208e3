// Diagnostic: one message about a place in a configuration, and Diagnostics: the collector that a whole load writes to.
//
// Nothing aborts at the first error: all errors of all files come out in one run. A Diagnostic is self-contained (it
// copies the file's name and the line's text), so it outlives the sources. Severities follow HAProxy's words: `alert`
// makes the configuration invalid, `warning` does so only under zero-warning (-dW), `notice` and `diag` inform
// (`diag` is shown only with -dD). `advice` reads as a warning but never refuses a start: it says what HAProxy accepts
// in silence and an operator should know nevertheless (an old word translated, a word that takes no effect yet).
// render() gives
//   [ALERT] haproxy.cfg:3:5: unknown word 'maxcon' in section 'frontend'
//        3 |     maxcon 100
//          |     ^~~~~~
//          = did you mean 'maxconn'?
// Thread: one load, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cfg/source.h"

namespace cfg {

enum class Severity : uint8_t { diag, notice, advice, warning, alert };

struct Diagnostic {
  Severity severity = Severity::alert;
  std::string file;     // "" when the message is about no file
  uint32_t line = 0;    // from 1; 0: the file as a whole
  uint32_t column = 0;  // from 1, in bytes; 0: the whole line
  uint32_t length = 0;  // bytes to underline
  std::string text;
  std::string hint;     // what to do about it; "" when there is nothing to say
  std::string excerpt;  // the line of the file

  // Ends with a newline.
  std::string render() const;
};

std::string_view name_of(Severity severity);  // "ALERT", "WARNING", …

class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void report(Severity severity, const Location& where, std::string text, std::string hint = {});
  void error(const Location& where, std::string text, std::string hint = {}) {
    report(Severity::alert, where, std::move(text), std::move(hint));
  }
  void warning(const Location& where, std::string text, std::string hint = {}) {
    report(Severity::warning, where, std::move(text), std::move(hint));
  }

  // Nothing when something was reported under this key before.
  void report_once(std::string key, Severity severity, const Location& where, std::string text);

  bool has_errors() const { return errors_ != 0; }
  bool has_warnings() const { return warnings_ != 0; }
  size_t errors() const { return errors_; }
  size_t warnings() const { return warnings_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  std::string render(Severity least = Severity::notice) const;

 private:
  std::vector<Diagnostic> all_;
  std::set<std::string> keys_;  // of report_once()
  size_t errors_ = 0;
  size_t warnings_ = 0;
};

}  // namespace cfg
