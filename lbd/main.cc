// lbd: the proxy. Reads the command line of haproxy and does what it says.
#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/process.h"
#include "lbd/command_line.h"
#include "lbd/config/outline.h"
#include "lbd/config/platform.h"
#include "lbd/keyword_list.h"
#include "lbd/link/digest.h"
#include "lbd/master.h"
#include "lbd/master_life.h"
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
  if (line->keyword_dump && line->files.empty()) {
    std::fputs(lbd::keyword_text(*line->keyword_dump).c_str(), stdout);
    return 0;
  }
  if (line->condition) return evaluate(*line->condition, report);
  if (line->show_usage || line->files.empty()) {
    std::fputs(lbd::version_text().c_str(), stdout);
    std::fputs(lbd::usage("lbd").c_str(), stderr);
    return 1;
  }
  // Until somebody listens to signals they wait: a SIGUSR1 in the middle of the start drains, it does not kill.
  if (!line->check && !line->explain) base::block_control_signals();
  if (const auto former = lbd::former_life()) {
    // The files were read by the worker.
    if (line->quiet && !line->verbose) base::Logger::instance().set_stderr(base::Logger::Stderr::off);
    lbd::MasterOptions options;
    options.executable = own_path(argv[0]);
    options.arguments.assign(argv, argv + argc);
    return lbd::Master(std::move(options), *former).run();
  }
  base::Fd directory(::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::optional<lbd::Startup> startup(std::in_place, *line, own_path(argv[0]),
                                      lbd::take_descriptor(lbd::kLeashVariable));
  if (int code = startup->load()) return code;
  if (line->outline) {
    const lbd::config::Config& config = startup->config();
    std::fputs((lbd::config::outline(config) + lbd::link::digest_outline(config.sources)).c_str(), stdout);
  }
  if (line->list_libraries) std::fputs(lbd::library_text().c_str(), stdout);
  if (line->show_config) std::fputs(lbd::source_text(startup->config()).c_str(), stdout);
  if (line->keyword_dump) std::fputs(lbd::keyword_text(*line->keyword_dump).c_str(), stdout);
  if (line->check) return startup->finish_check();
  if (line->explain) return startup->explain();
  if (!startup->wants_master()) return startup->serve();
  lbd::MasterOptions options = startup->master_options();
  if (!startup->open_master_sockets(options)) return 1;
  // The worker reads the configuration again; the master needs nothing of it any more.
  startup.reset();
  options.executable = own_path(argv[0]);
  options.arguments.assign(argv, argv + argc);
  options.directory = std::move(directory);
  return lbd::Master(std::move(options)).run();
}
