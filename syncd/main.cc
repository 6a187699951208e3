// syncd -f FILE [-c] [-D] [-q] [-p PIDFILE]; syncd -w
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "base/version.h"
#include "syncd/daemon.h"

namespace {

constexpr std::string_view kUsage =
    "Usage: syncd -f FILE [-c] [-D] [-q] [-p PIDFILE]\n"
    "       syncd -w\n"
    "  -f FILE     the configuration\n"
    "  -c          check it and exit: 0 valid, 1 not\n"
    "  -D          run in the background\n"
    "  -q          no messages on standard error\n"
    "  -p PIDFILE  write the process id there\n"
    "  -w          list the words of the configuration\n"
    "  -v          print the version\n";

void print(FILE* to, std::string_view text) {
  fwrite(text.data(), 1, text.size(), to);
}

base::Status open_logs(const syncd::Config& config) {
  base::syslog_identity().tag = "syncd";
  for (const base::SyslogOptions& options : config.logs)
    base::Logger::instance().add_target(TRY(base::SyslogTarget::open(options)));
  return {};
}

base::Status drop_privileges(const syncd::Config& config) {
  base::Privileges to;
  gid_t primary = 0;
  if (!config.user.empty()) {
    to.uid = TRY(base::find_user(config.user, &primary));
    if (primary) to.gid = primary;
  }
  if (!config.group.empty()) to.gid = TRY(base::find_group(config.group));
  return base::drop_privileges(to);
}

struct CommandLine {
  std::string file, pidfile;
  bool check = false, background = false, quiet = false;
};

base::Status run(syncd::Config& config, const CommandLine& line) {
  if (line.quiet) base::Logger::instance().set_stderr(base::Logger::Stderr::off);
  base::ignore_sigpipe();
  TRY(open_logs(config));
  std::optional<base::Background> background;
  if (line.background) background = TRY(base::Background::enter());
  syncd::Daemon daemon(config);
  TRY(daemon.start());
  base::PidFile pidfile;
  std::string path = line.pidfile.empty() ? config.pidfile : line.pidfile;
  if (!path.empty()) pidfile = TRY(base::PidFile::write(path, getpid(), true));
  TRY(drop_privileges(config));
  if (background) TRY(background->ready());
  daemon.run();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  for (int option; (option = getopt(argc, argv, "f:p:cDqwvh")) != -1;) {
    switch (option) {
      case 'f':
        line.file = optarg;
        break;
      case 'p':
        line.pidfile = optarg;
        break;
      case 'c':
        line.check = true;
        break;
      case 'D':
        line.background = true;
        break;
      case 'q':
        line.quiet = true;
        break;
      case 'w':
        print(stdout, syncd::word_list());
        return 0;
      case 'v':
        print(stdout, fmt::format("syncd {} (Tandem)\n", base::kVersion));
        return 0;
      case 'h':
        print(stdout, kUsage);
        return 0;
      default:
        print(stderr, kUsage);
        return 1;
    }
  }
  if (line.file.empty() || optind != argc) {
    print(stderr, kUsage);
    return 1;
  }
  base::Logger::instance().detect_stderr();
  cfg::SourceSet sources;
  cfg::Diagnostics diagnostics;
  auto config = syncd::load(sources, line.file, diagnostics);
  print(stderr, diagnostics.render());
  if (!config) return 1;
  if (line.check) {
    print(stdout, "Configuration file is valid\n");
    return 0;
  }
  base::Status status = run(*config, line);
  if (status) return 0;
  base::log(base::Level::alert, "{}", status.error().text);
  return 1;
}
