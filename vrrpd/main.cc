// vrrpd: reads keepalived.conf, speaks VRRP, moves addresses. See usage().
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "base/log.h"
#include "base/process.h"
#include "base/version.h"
#include "base/watchdog.h"
#include "vrrpd/daemon.h"
#include "vrrpd/dump.h"
#include "vrrpd/options.h"
#include "vrrpd/outline.h"
#include "vrrpd/word_list.h"

namespace {

using base::Level;

// keepalived's exit codes.
constexpr int kCannotStart = 2;
constexpr int kCannotRun = 3;
constexpr int kConfigErrors = 4;

int test_config(const vrrpd::LoadContext& context, bool outline) {
  cfg::Diagnostics diagnostics;
  const auto config = vrrpd::load(context, diagnostics);
  if (!config) {
    fmt::print(stderr, "{}\n", config.error().text);
    return kCannotRun;
  }
  fmt::print(stderr, "{}", diagnostics.render(cfg::Severity::diag));
  if (outline) fmt::print("{}", vrrpd::outline(**config));
  if ((*config)->unusable) return kCannotRun;
  return diagnostics.has_errors() ? kConfigErrors : 0;
}

void open_logs(const vrrpd::Options& options) {
  base::Logger& logger = base::Logger::instance();
  base::syslog_identity().tag = "vrrpd";
  if (options.log_detail) logger.set_level(Level::debug);
  const auto add = [&](std::string address, base::LogFormat format) {
    base::SyslogOptions target;
    target.address = std::move(address);
    target.format = format;
    target.facility = static_cast<uint8_t>(options.facility);
    auto opened = base::SyslogTarget::open(std::move(target));
    if (opened)
      logger.add_target(std::move(opened).value());
    else
      base::log(Level::warning, "no log: {}", opened.error().text);
  };
  const bool syslog = !options.no_syslog && access("/dev/log", W_OK) == 0;
  if (syslog) add("/dev/log", base::LogFormat::local);
  if (!options.log_file.empty()) {
    const int file = ::open(options.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (file < 0)
      base::log(Level::warning, "no log: {}", base::Error::from_errno(options.log_file).text);
    else
      add(fmt::format("fd@{}", file), base::LogFormat::iso);
  }
  // What systemd gets through syslog it does not want from standard error again.
  if (options.log_console || (options.foreground && !syslog))
    logger.detect_stderr();
  else
    logger.set_stderr(base::Logger::Stderr::off);
}

int run(const vrrpd::Options& options, const vrrpd::LoadContext& context) {
  cfg::Diagnostics diagnostics;
  auto config = vrrpd::load(context, diagnostics);
  // With the lines of the file and carets, as long as somebody may read standard error; once more, short, in the logs.
  fmt::print(stderr, "{}", diagnostics.render());
  if (!config || (*config)->unusable) {
    fmt::print(stderr, "vrrpd: {}\n", config ? "the configuration cannot be run" : config.error().text);
    return kCannotStart;
  }
  std::optional<base::Background> background;
  if (!options.foreground) {
    auto entered = base::Background::enter();
    if (!entered) {
      fmt::print(stderr, "vrrpd: {}\n", entered.error().text);
      return kCannotStart;
    }
    background = std::move(entered).value();
  }
  open_logs(options);
  base::ignore_sigpipe();
  const auto fail = [&](const base::Error& error) {
    base::log(Level::err, "{}", error.text);
    if (background) fmt::print(stderr, "vrrpd: {}\n", error.text);
    return kCannotStart;
  };
  const auto pid_file = base::PidFile::write(options.pid_file, getpid(), true);
  if (!pid_file) return fail(pid_file.error());
  base::log(Level::notice, "vrrpd {} starts on {}", base::kVersion, context.path);
  for (const cfg::Diagnostic& each : diagnostics.all())
    if (each.severity >= cfg::Severity::warning)
      base::log(Level::warning, "{}:{}: {}", each.file, each.line, each.text);

  base::Loop loop;
  vrrpd::Daemon daemon(loop, {.load = context, .keep_addresses = options.keep_addresses});
  if (auto status = daemon.open(std::move(config).value(), diagnostics); !status) return fail(status.error());
  if (options.dump_config) base::log(Level::notice, "{}", vrrpd::dump(daemon));
  if (background) {
    if (auto status = background->ready(); !status) return fail(status.error());
  }
  base::sd_notify("READY=1");
  const base::Watchdog watchdog(loop);
  daemon.run();
  base::log(Level::notice, "Stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = vrrpd::parse_options({argv, argv + argc});
  if (!options) {
    fmt::print(stderr, "vrrpd: {}\n{}", options.error().text, vrrpd::usage());
    return 1;
  }
  if (options->show_help) return fmt::print("{}", vrrpd::usage()), 0;
  if (options->show_version) return fmt::print("vrrpd {} (Tandem)\n", base::kVersion), 0;
  if (options->list_words) return fmt::print("{}", vrrpd::word_list()), 0;
  if (!options->signal_name.empty()) {
    const int number = vrrpd::signal_number(options->signal_name);
    if (number == 0) return fmt::print(stderr, "vrrpd: unknown signal name '{}'\n", options->signal_name), 1;
    return fmt::print("{}\n", number), 0;
  }
  const vrrpd::LoadContext context{options->config,
                                   options->config_id.empty() ? cfg::default_config_id() : options->config_id};
  return options->test ? test_config(context, options->outline) : run(*options, context);
}
