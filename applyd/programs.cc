#include "applyd/programs.h"

#include <fmt/format.h>

#include <utility>

#include "base/beside.h"
#include "base/strings.h"

namespace applyd {
namespace {

// Longer than any file that is checked takes, shorter than who ordered it waits.
constexpr base::Seconds kPatience{75};
constexpr size_t kLongest = 64 * 1024;
// What a program says on both its outputs is one text.
constexpr const char* kJoined = "exec \"$@\" 2>&1";

}  // namespace

void Programs::check(const std::map<std::string, std::string>& paths, Done done) {
  std::vector<std::string> words = {"check"};
  if (const auto lbd = paths.find("lbd"); lbd != paths.end()) words.insert(words.end(), {"-f", lbd->second});
  if (const auto vrrpd = paths.find("vrrpd"); vrrpd != paths.end()) words.insert(words.end(), {"-k", vrrpd->second});
  run(words, std::move(done));
}

void Programs::reload(const std::vector<std::string>& daemons, Done done) {
  std::vector<std::string> words = {"reload"};
  words.insert(words.end(), daemons.begin(), daemons.end());
  run(words, std::move(done));
}

void Programs::run(const std::vector<std::string>& words, Done done) {
  base::SpawnOptions options;
  options.argv = {"/bin/sh", "-c", kJoined, "sh", base::program_beside("lbctl")};
  options.argv.insert(options.argv.end(),
                      {"-l", sockets_.lbd, "-m", sockets_.master, "-r", sockets_.vrrpd, "-y", sockets_.syncd});
  options.argv.insert(options.argv.end(), words.begin(), words.end());
  options.environment = base::current_environment();
  options.timeout = kPatience;
  options.capture = kLongest;
  const std::string name = "lbctl " + words.front();
  const auto ended = [name, done](const base::ChildResult& result) {
    if (result.timed_out) return done(false, fmt::format("{} took longer than {} s", name, kPatience.count()));
    done(result.ok(), std::string(base::trim(result.output)));
  };
  if (const base::Status started = child_.spawn(options, ended); !started)
    done(false, fmt::format("{}: {}", name, started.error().text));
}

}  // namespace applyd
