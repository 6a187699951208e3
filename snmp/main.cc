// lbsnmpd: the SNMP subagent: what the daemons of this node say, served through the system's snmpd.
#include <fmt/format.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "base/version.h"
#include "snmp/options.h"
#include "snmp/subagent.h"

namespace {

void print(FILE* to, std::string_view text) {
  fwrite(text.data(), 1, text.size(), to);
}

base::Status drop_privileges(const snmp::Options& options) {
  base::Privileges to;
  gid_t primary = 0;
  if (!options.user.empty()) {
    to.uid = TRY(base::find_user(options.user, &primary));
    if (primary) to.gid = primary;
  }
  if (!options.group.empty()) to.gid = TRY(base::find_group(options.group));
  return base::drop_privileges(to);
}

base::Status run(const snmp::Options& options) {
  if (options.quiet) base::Logger::instance().set_stderr(base::Logger::Stderr::off);
  base::ignore_sigpipe();
  std::optional<base::Background> background;
  if (options.background) background = TRY(base::Background::enter());
  base::PidFile pidfile;
  if (!options.pidfile.empty()) pidfile = TRY(base::PidFile::write(options.pidfile, getpid(), true));
  TRY(drop_privileges(options));
  snmp::Subagent subagent(options);
  if (background) TRY(background->ready());
  subagent.run();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  base::Logger::instance().detect_stderr();
  const auto options = snmp::parse_options({argv + 1, argv + argc});
  if (!options) {
    print(stderr, fmt::format("lbsnmpd: {}\n{}", options.error().text, snmp::usage()));
    return 1;
  }
  if (options->show_help) return print(stdout, snmp::usage()), 0;
  if (options->show_version) return print(stdout, fmt::format("lbsnmpd {} (Tandem)\n", base::kVersion)), 0;
  if (options->list_objects) return print(stdout, snmp::list_objects()), 0;
  if (auto status = run(*options); !status) {
    base::log(base::Level::alert, "{}", status.error().text);
    return 1;
  }
  return 0;
}
