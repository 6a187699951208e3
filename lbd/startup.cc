#include "lbd/startup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "lbd/check/check.h"
#include "lbd/config/load.h"
#include "lbd/explain/explainer.h"
#include "lbd/net/socket.h"
#include "lbd/resolve.h"
#include "lbd/runtime.h"
#include "lbd/stream/worker.h"

namespace lbd {
namespace {

// In another folder for as long as this lives (default-path).
class Visit {
 public:
  explicit Visit(const std::string& folder) : home_(::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (::chdir(folder.c_str()) < 0) error_ = base::Error::from_errno("cannot change to the folder " + folder);
  }
  ~Visit() { (void)!::fchdir(home_.get()); }
  const std::optional<base::Error>& error() const { return error_; }

 private:
  const base::Fd home_;
  std::optional<base::Error> error_;
};

}  // namespace

Startup::Startup(const CommandLine& line, std::string executable, base::Fd leash)
    : line_(line), report_(std::move(executable)), leash_(std::move(leash)) {
  if (line.quiet && !line.verbose) base::Logger::instance().set_stderr(base::Logger::Stderr::off);
}

Startup::~Startup() = default;

// What the command line says is above the file.
void Startup::apply_switches() {
  config::Global& global = config_->global;
  if (line_.proxy_maxconn)
    for (const auto& proxy : config_->proxies)
      if (proxy->frontend && !proxy->maxconn) proxy->maxconn = *line_.proxy_maxconn;
  if (line_.no_splice) global.no_splice = true;
  if (line_.no_reuse_port) global.no_reuseport = true;
  if (line_.no_server_verify) global.ssl_server_verify = "none";
  if (line_.allow_fork) global.insecure_fork_wanted = true;
}

bool Startup::compile(cfg::Diagnostics& diagnostics) {
  config::LoadOptions options;
  options.local_peer = line_.local_peer;
  config_ = config::load(line_.files, options, diagnostics);
  std::optional<Visit> visit;
  if (const auto& path = config_->global.default_path; path && !path->empty()) {
    visit.emplace(*path);
    if (visit->error()) diagnostics.error({}, "'default-path': " + visit->error()->text);
  }
  if (diagnostics.has_errors() || !config::prepare(*config_, diagnostics)) return false;
  apply_switches();
  states_.read(*config_, diagnostics);
  if (!resolve_servers(*config_, states_, line_.ignore_unresolved || line_.explain, diagnostics)) {
    diagnostics.error({}, "Failed to initialize server(s) addr.");
    return false;
  }
  limits_ = apply_limits(*config_, line_);
  check::check(*config_, diagnostics);
  // One more than there are threads: who explains is a worker, too.
  engine_ = std::make_unique<stream::Engine>(*config_, limits_.maxconn, limits_.threads + 1, diagnostics);
  return !diagnostics.has_errors();
}

int Startup::load() {
  const int code = read_configuration();
  if (code != 0 && leash_) tell_startup_log(leash_.get(), report_.said());
  return code;
}

int Startup::read_configuration() {
  if (!line_.directory.empty() && ::chdir(line_.directory.c_str()) < 0) {
    report_.say(base::Level::alert, base::Error::from_errno("Could not change to directory " + line_.directory).text);
    return 1;
  }
  cfg::Diagnostics diagnostics;
  bool valid = compile(diagnostics);
  has_warnings_ = diagnostics.has_warnings();
  bool fatal = !valid || (has_warnings_ && (line_.zero_warning || config_->global.zero_warning));
  // What does not prevent the start is said by the worker, which reads the same again.
  if (fatal || line_.check || !wants_master())
    report_.diagnostics(diagnostics, line_.diagnostics ? cfg::Severity::diag : cfg::Severity::notice);
  if (!valid) {
    report_.say(base::Level::alert, "config : Fatal errors found in configuration.");
    return 1;
  }
  if (fatal) {
    report_.say(base::Level::alert, "config : Some warnings were found and 'zero-warning' is set. Aborting.");
    return 1;
  }
  return 0;
}

int Startup::finish_check() {
  // Whoever asks for the outline reads standard output.
  bool quiet = (line_.quiet && !line_.verbose) || line_.outline;
  if (!config::has_listener(*config_)) {
    if (!quiet) std::puts("Configuration file has no error but will not start (no listener) => exit(2).");
    return 2;
  }
  if (!quiet && has_warnings_) std::puts("Warnings were found.");
  if (!quiet) std::puts("Configuration file is valid");
  return 0;
}

int Startup::explain() {
  cfg::Diagnostics diagnostics;
  const config::Config nothing;
  const log::LogTargets nowhere(nothing, diagnostics);
  engine_->open_logs(nowhere);
  explain::Explainer explainer(*engine_);
  std::string question;
  bool more = true;
  while (more) {
    char* line = nullptr;
    size_t room = 0;
    ssize_t size = ::getline(&line, &room, stdin);
    std::string_view text(line, size > 0 ? static_cast<size_t>(size) : 0);
    more = size > 0;
    bool blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (!blank) question += text;
    ::free(line);
    if (!blank || question.empty()) continue;
    auto parsed = explain::parse_question(question);
    std::string answer = parsed ? explainer.explain(*parsed) : fmt::format("=> {}\n", parsed.error().text);
    std::fputs((answer + "\n").c_str(), stdout);
    std::fflush(stdout);
    question.clear();
  }
  return 0;
}

bool Startup::go_to_background() {
  if (wants_background()) {
    // A worker's master is there already, and tells the one who started it.
    auto entered = leash_ ? base::Background::inside() : base::Background::enter();
    if (!entered) {
      report_.say(base::Level::alert, entered.error().text);
      return false;
    }
    background_ = std::move(*entered);
  }
  return leash_ || write_pidfile();
}

bool Startup::write_pidfile() {
  const std::string& path = line_.pidfile.empty() ? config_->global.pidfile : line_.pidfile;
  if (path.empty()) return true;
  auto file = base::PidFile::write(path, ::getpid());
  if (!file) {
    report_.say(base::Level::alert, "[lbd.main()] Cannot create pidfile " + file.error().text);
    return false;
  }
  pidfile_ = std::move(*file);
  return true;
}

// Nothing can go wrong any more: whoever started us may go on.
void Startup::leave_terminal() {
  if (!background_) return;
  if (auto left = background_->ready(); !left) report_.say(base::Level::warning, left.error().text);
  base::Logger::instance().set_stderr(base::Logger::Stderr::off);
  background_.reset();
}

bool Startup::drop_rights() {
  const config::Global& global = config_->global;
  base::Privileges to;
  to.chroot = global.chroot;
  to.uid = global.uid;
  to.gid = global.gid;
  if (!global.user.empty()) {
    gid_t primary = 0;
    auto uid = base::find_user(global.user, &primary);
    if (!uid) {
      report_.say(base::Level::alert, uid.error().text);
      return false;
    }
    to.uid = *uid;
    if (!to.gid && global.group.empty()) to.gid = primary;
  }
  if (!global.group.empty()) {
    auto gid = base::find_group(global.group);
    if (!gid) {
      report_.say(base::Level::alert, gid.error().text);
      return false;
    }
    to.gid = *gid;
  }
  if (auto dropped = base::drop_privileges(to); !dropped) {
    report_.say(base::Level::alert, "[lbd.main()] Cannot " + dropped.error().text);
    return false;
  }
  // Who gives up rights cannot be dumped any more, unless the operator wants it.
  if (global.set_dumpable && ::prctl(PR_SET_DUMPABLE, 1) < 0)
    report_.say(base::Level::warning, base::Error::from_errno("Cannot permit core dumps").text);
  return true;
}

bool Startup::open_master_sockets(MasterOptions& options) {
  bool all = true;
  for (const std::string& words : line_.master_sockets) {
    // The words of a bind line, with commas between.
    std::string line = words;
    std::replace(line.begin(), line.end(), ',', ' ');
    cfg::Diagnostics diagnostics;
    auto parsed = config::load_text("-S", "global\n stats socket " + line + "\n", {}, diagnostics);
    report_.diagnostics(diagnostics, cfg::Severity::warning);
    all = all && !diagnostics.has_errors();
    for (const config::Bind& bind : parsed->global.stats_sockets)
      for (const config::BindAddress& address : bind.addresses) {
        auto fds = net::open_listeners(bind, address, 1);
        if (fds)
          options.sockets.push_back(std::move(fds->front()));
        else
          report_.say(base::Level::alert, "-S: " + fds.error().text);
        all = all && fds;
      }
  }
  return all;
}

MasterOptions Startup::master_options() const {
  MasterOptions options;
  options.daemon = wants_background();
  options.systemd = line_.systemd;
  options.pidfile = line_.pidfile.empty() ? config_->global.pidfile : line_.pidfile;
  options.max_reloads = config_->global.max_reloads;
  options.finish = line_.finish;
  options.terminate = line_.terminate;
  return options;
}

std::vector<pid_t> Startup::predecessors() const {
  std::vector<pid_t> all = line_.finish;
  all.insert(all.end(), line_.terminate.begin(), line_.terminate.end());
  return all;
}

void Startup::dismiss_old_processes(pid_t but) {
  for (pid_t pid : line_.finish)
    if (pid != but) ::kill(pid, SIGUSR1);
  for (pid_t pid : line_.terminate)
    if (pid != but) ::kill(pid, SIGTERM);
}

// The process whose place we take: the master knows it, -x leads to it, or it serves a runtime socket that will be
// ours.
Predecessor Startup::find_predecessor() {
  if (leash_) return {take_descriptor(kPredecessorVariable), 0};
  if (!line_.inherit_from.empty()) {
    Predecessor found = reach_predecessor(line_.inherit_from);
    if (!found.fd)
      report_.say(base::Level::notice,
                  fmt::format("-x: {} hands over no more than sockets (level admin?)", line_.inherit_from));
    return found;
  }
  const std::vector<pid_t> old = predecessors();
  if (old.empty()) return {};
  for (const config::Bind& bind : config_->global.stats_sockets)
    for (const config::BindAddress& address : bind.addresses) {
      if (address.kind != config::BindAddress::Kind::unix || !bind.expose_listeners) continue;
      Predecessor found = reach_predecessor(address.text);
      if (found.fd && std::find(old.begin(), old.end(), found.pid) != old.end()) return found;
    }
  return {};
}

ListenerStock Startup::inherit_listeners() {
  if (leash_ || line_.inherit_from.empty()) return ListenerStock(stock_from_environment());
  auto fetched = fetch_sockets(line_.inherit_from);
  if (fetched) return ListenerStock(std::move(*fetched));
  report_.say(base::Level::warning, "-x: " + fetched.error().text);
  return {};
}

// While it can be reached.
std::string Startup::read_stats_file() {
  const std::string& path = config_->global.stats_file;
  if (path.empty()) return {};
  auto text = base::read_file(path);
  if (!text) report_.say(base::Level::warning, "cannot read the stats-file " + text.error().text);
  return text ? std::move(*text) : std::string();
}

int Startup::serve() {
  const int code = open_and_run();
  if (code != 0 && leash_) tell_startup_log(leash_.get(), report_.said());
  return code;
}

int Startup::open_and_run() {
  if (!config::has_listener(*config_)) {
    report_.say(base::Level::alert, "[lbd.main()] No enabled listener found (check for 'bind' directives) ! Exiting.");
    return 1;
  }
  if (!limits_.cpu_map.empty()) report_.say(base::Level::warning, "[lbd.main()] " + limits_.cpu_map);
  if (!limits_.warning.empty()) {
    bool strict = config_->global.strict_limits;
    report_.say(strict ? base::Level::alert : base::Level::warning, "[lbd.main()] " + limits_.warning);
    if (strict) return 1;
  }
  if (auto opened = open_namespaces(*config_); !opened) {
    report_.say(base::Level::alert, opened.error().text);
    return 1;
  }
  base::ignore_sigpipe();
  base::SyslogIdentity& identity = base::syslog_identity();
  identity.tag = config_->global.log_tag;
  if (config_->global.log_send_hostname)
    identity.hostname =
        config_->global.log_send_hostname->empty() ? engine_->facts.hostname : *config_->global.log_send_hostname;

  cfg::Diagnostics diagnostics;
  log::LogTargets targets(*config_, diagnostics);
  report_.diagnostics(diagnostics, cfg::Severity::notice);
  ListenerStock stock = inherit_listeners();
  // Before its runtime socket becomes ours.
  Predecessor predecessor = find_predecessor();
  OpenSockets sockets = open_sockets(*config_, limits_.threads, stock);
  for (const std::string& error : sockets.errors) report_.say(base::Level::alert, error);
  if (diagnostics.has_errors()) return 1;
  if (!sockets.errors.empty()) {
    report_.say(base::Level::alert, "[lbd.main()] Some protocols failed to start their listeners! Exiting.");
    return 1;
  }
  engine_->open_logs(targets);
  if (!go_to_background()) return 1;
  link::Doors doors = link::open_doors(config_->global, predecessors(), static_cast<bool>(leash_));
  if (!leash_) dismiss_old_processes(predecessor.pid);
  base::syslog_identity().pid = ::getpid();
  std::string stats_file = read_stats_file();
  if (!drop_rights()) return 1;
  leave_terminal();

  Runtime runtime(*config_, *engine_, targets, std::move(sockets), std::move(doors), limits_, line_);
  runtime.take_states(states_);
  runtime.take_stats_file(std::move(stats_file));
  runtime.keep_startup_log(report_.said());
  if (leash_) {
    tell_startup_log(leash_.get(), report_.said());
    tell_max_reloads(leash_.get(), config_->global.max_reloads);
  }
  const auto listed = [&](const std::vector<pid_t>& pids) {
    return std::find(pids.begin(), pids.end(), predecessor.pid) != pids.end();
  };
  const auto farewell = listed(line_.terminate) ? Runtime::Farewell::hard
                        : listed(line_.finish)  ? Runtime::Farewell::soft
                                                : Runtime::Farewell::none;
  runtime.inherit(std::move(predecessor.fd), leash_ ? Runtime::Farewell::by_master : farewell);
  runtime.run(leash_.get());
  return 0;
}

}  // namespace lbd
