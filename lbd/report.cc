#include "lbd/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>

#include "base/strings.h"
#include "lbd/version_text.h"

namespace lbd {
namespace {

base::Level level_of(cfg::Severity severity) {
  switch (severity) {
    case cfg::Severity::alert:
      return base::Level::alert;
    case cfg::Severity::advice:
    case cfg::Severity::warning:
      return base::Level::warning;
    default:
      return base::Level::notice;
  }
}

// The message with its place in front, and below it the line with the caret.
std::string text_of(const cfg::Diagnostic& diagnostic) {
  std::string text = "config : ";
  if (diagnostic.line)
    text += fmt::format("parsing [{}:{}] : ", diagnostic.file, diagnostic.line);
  else if (!diagnostic.file.empty())
    text += fmt::format("[{}] : ", diagnostic.file);
  text += diagnostic.text;
  // render() says the same in a line of its own, which is left out here.
  std::string rendered = diagnostic.render();
  bool first = true;
  for (std::string_view line : base::split(rendered, '\n')) {
    if (!first && !line.empty()) text += fmt::format("\n   | {}", line);
    first = false;
  }
  return text;
}

}  // namespace

void Report::say(base::Level level, std::string_view text) {
  std::string name(base::level_name(level));
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  said_ += fmt::format("{:<11}({}) : {}\n", '[' + name + ']', ::getpid(), text);
  if (silent_) return;
  if (!introduced_) {
    introduced_ = true;
    base::log(base::Level::notice, "haproxy version is {}", version_number());
    base::log(base::Level::notice, "path to executable is {}", executable_);
  }
  base::log(level, "{}", text);
}

void Report::diagnostics(const cfg::Diagnostics& diagnostics, cfg::Severity least) {
  for (const cfg::Diagnostic& one : diagnostics.all())
    if (one.severity >= least) say(level_of(one.severity), text_of(one));
}

}  // namespace lbd
