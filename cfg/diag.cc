#include "cfg/diag.h"

#include <fmt/format.h>

#include <algorithm>

namespace cfg {
namespace {

// Longer lines are cut around the place that matters.
constexpr size_t kShown = 160;

// Control characters would spoil the terminal and the caret's column; a tab becomes one space.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = c == '\t' ? ' ' : '?';
  return out;
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::diag:
      return "DIAG";
    case Severity::notice:
      return "NOTICE";
    case Severity::advice:
    case Severity::warning:
      return "WARNING";
    case Severity::alert:
      return "ALERT";
  }
  return "";
}

std::string Diagnostic::render() const {
  std::string out = fmt::format("[{}] ", name_of(severity));
  if (!file.empty()) out += file + ':';
  if (line) out += fmt::format("{}:", line);
  if (column) out += fmt::format("{}:", column);
  if (out.back() == ':') out += ' ';
  out += text;
  out += '\n';
  if (line && column && column <= excerpt.size() + 1) {
    size_t begin = column - 1;
    size_t from = begin > kShown / 2 ? begin - kShown / 2 : 0;
    std::string_view shown = std::string_view(excerpt).substr(from, kShown);
    size_t caret = begin - from;
    size_t tail = std::clamp<size_t>(length, 1, std::max<size_t>(1, shown.size() - std::min(caret, shown.size()))) - 1;
    out += fmt::format("{:>6} | {}\n", line, printable(shown));
    out += fmt::format("       | {:{}}^{:~<{}}\n", "", caret, "", tail);
  }
  for (size_t at = 0; at < hint.size();) {
    size_t end = std::min(hint.find('\n', at), hint.size());
    out += fmt::format("       = {}\n", std::string_view(hint).substr(at, end - at));
    at = end + 1;
  }
  return out;
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::alert) ++errors_;
  if (diagnostic.severity == Severity::warning) ++warnings_;
  all_.push_back(std::move(diagnostic));
}

void Diagnostics::report_once(std::string key, Severity severity, const Location& where, std::string text) {
  if (keys_.insert(std::move(key)).second) report(severity, where, std::move(text));
}

void Diagnostics::report(Severity severity, const Location& where, std::string text, std::string hint) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.text = std::move(text);
  diagnostic.hint = std::move(hint);
  diagnostic.file = where.file();
  diagnostic.line = where.line;
  diagnostic.column = where.column;
  diagnostic.length = where.length;
  if (where.source) {
    diagnostic.excerpt = where.source->line(where.line);
    while (!diagnostic.excerpt.empty() && diagnostic.excerpt.back() == '\r') diagnostic.excerpt.pop_back();
  }
  add(std::move(diagnostic));
}

std::string Diagnostics::render(Severity least) const {
  std::string out;
  for (const Diagnostic& diagnostic : all_)
    if (diagnostic.severity >= least) out += diagnostic.render();
  return out;
}

}  // namespace cfg
