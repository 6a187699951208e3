// lbd: the proxy. Reads the command line of haproxy and does what it says.
#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include <cstdio>

#include "lbd/command_line.h"
#include "lbd/config/platform.h"
#include "lbd/startup.h"
#include "lbd/version_text.h"

namespace {

std::string own_path(const char* argv0) {
  char path[PATH_MAX];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : std::string(argv0);
}

int evaluate(const std::string& condition, lbd::Report& report) {
  cfg::Environment environment = cfg::Environment::of_process();
  cfg::Platform platform = lbd::config::language_platform();
  cfg::CondResult result = cfg::evaluate(condition, {environment, platform});
  if (result.ok) return result.value ? 0 : 1;
  report.say(base::Level::alert, fmt::format("config : Failed to evaluate condition: {}", result.error));
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::span<const char* const> arguments(argv + 1, static_cast<size_t>(argc > 0 ? argc - 1 : 0));
  lbd::Report report(own_path(argv[0]));
  auto line = lbd::parse_command_line(arguments);
  if (!line) {
    report.say(base::Level::alert, line.error().text);
    return 1;
  }
  if (line->show_build || line->show_version) {
    std::fputs((line->show_build ? lbd::build_text() : lbd::version_text()).c_str(), stdout);
    return 0;
  }
  if (line->condition) return evaluate(*line->condition, report);
  if (line->show_usage || line->files.empty()) {
    std::fputs(lbd::version_text().c_str(), stdout);
    std::fputs(lbd::usage("lbd").c_str(), stderr);
    return 1;
  }
  lbd::Startup startup(*line, own_path(argv[0]));
  if (int code = startup.load()) return code;
  if (line->keyword_dump) std::fputs(lbd::keyword_text(*line->keyword_dump).c_str(), stdout);
  return line->check ? startup.finish_check() : startup.serve();
}
