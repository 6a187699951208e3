#include "lbd/master.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/exec_words.h"
#include "base/log.h"
#include "base/process.h"
#include "base/strings.h"
#include "lbd/master_life.h"
#include "lbd/version_text.h"
#include "lbd/vital_sign.h"

namespace lbd {
namespace {

// As a shell tells it.
int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string exit_text(int status) {
  if (WIFSIGNALED(status)) return fmt::format("code {} ({})", 128 + WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("code {} (Exit)", WEXITSTATUS(status));
}

// Without a sign of life from the worker.
constexpr base::Seconds kSilence{5};
// Who has ordered the reload reads the answer first; but nobody is waited for without end.
constexpr base::Millis kNextLife{100};
constexpr int kMostWaits = 50;
constexpr std::string_view kSaid = "S\n", kSurvives = "M\n";
constexpr size_t kMostOfPiece = 32'000;

// The first alert of a log, without level and process.
std::string_view first_alert(std::string_view log) {
  for (std::string_view line : base::split(log, '\n')) {
    if (!line.starts_with("[ALERT]")) continue;
    const size_t colon = line.find(" : ");
    return colon == line.npos ? line : line.substr(colon + 3);
  }
  return "it said nothing";
}

}  // namespace

// A master that has gone is noticed elsewhere.
void tell_max_reloads(int leash, std::optional<uint32_t> most) {
  const std::string survives = fmt::format("{}{}", kSurvives, most ? std::to_string(*most) : "");
  (void)::send(leash, survives.data(), survives.size(), MSG_NOSIGNAL);
}

void tell_startup_log(int leash, std::string_view said) {
  for (size_t at = 0; at < said.size(); at += kMostOfPiece) {
    const std::string piece = fmt::format("{}{}", kSaid, said.substr(at, kMostOfPiece));
    (void)::send(leash, piece.data(), piece.size(), MSG_NOSIGNAL);
  }
}

struct Master::Worker {
  Worker(Master& owner, pid_t id, base::Fd end) : master(owner), pid(id), leash(std::move(end)), watch(owner.loop_) {
    watch.bind<&Worker::on_readable>(this);
    watch.start(leash.get(), EV_READ);
  }
  void on_readable() {
    auto parcel = receive_parcel(leash.get(), MSG_DONTWAIT);
    if (!parcel) return;
    // At the end of the leash the process is about to be reaped.
    if (parcel->text.empty()) return watch.stop();
    if (parcel->text == "R") return master.became_ready(*this);
    if (parcel->text == kAlive) {
      alive_at = base::mono_now();
      return;
    }
    // Which reloads it survives, and what it had to say at its start.
    if (parcel->text.starts_with(kSurvives)) {
      master.options_.max_reloads = base::parse_int<uint32_t>(std::string_view(parcel->text).substr(kSurvives.size()));
      return;
    }
    if (parcel->text.starts_with(kSaid)) {
      master.startup_log_ += parcel->text.substr(kSaid.size());
      return;
    }
    std::vector<std::string_view> lines = base::split(parcel->text, '\n');
    for (size_t i = 0; i < parcel->fds.size() && i + 1 < lines.size(); ++i)
      sockets.push_back({std::string(lines[i + 1]), std::move(parcel->fds[i])});
  }
  // It has ended; what it said at the last is still there.
  void read_rest() {
    for (;;) {
      auto parcel = receive_parcel(leash.get(), MSG_DONTWAIT);
      if (!parcel || parcel->text.empty()) return;
      if (parcel->text.starts_with(kSaid)) master.startup_log_ += parcel->text.substr(kSaid.size());
    }
  }
  Master& master;
  pid_t pid;
  base::Fd leash;
  base::IoWatcher watch;
  std::vector<HandedSocket> sockets;
  base::MonoTime started = base::mono_now();
  base::MonoTime alive_at{};  // zero: it says nothing of that, as those of older versions
  uint32_t reloads = 0;       // that it has survived
};

Master::Master(MasterOptions options)
    : options_(std::move(options)),
      hup_(loop_),
      usr2_(loop_),
      usr1_(loop_),
      term_(loop_),
      int_(loop_),
      child_(loop_),
      cli_(loop_, *this),
      watchdog_(loop_, [this] { return is_alive(); }),
      next_life_(loop_) {
  next_life_.bind<&Master::on_next_life>(this);
  for (base::Fd& socket : options_.sockets) cli_.add(std::move(socket));
  hup_.bind<&Master::on_reload>(this, SIGHUP);
  usr2_.bind<&Master::on_reload>(this, SIGUSR2);
  usr1_.bind<&Master::on_drain>(this, SIGUSR1);
  term_.bind<&Master::on_terminate>(this, SIGTERM);
  int_.bind<&Master::on_interrupt>(this, SIGINT);
  child_.bind<&Master::on_child>(this, SIGCHLD);
  base::unblock_control_signals();
}

Master::Master(MasterOptions options, const tandem::MasterState& former)
    : Master([&] {
        options.systemd = former.systemd();
        options.pidfile = former.pidfile();
        if (former.has_max_reloads()) options.max_reloads = former.max_reloads();
        options.directory = base::Fd(former.directory());
        for (const int fd : former.sockets()) options.sockets.emplace_back(fd);
        return std::move(options);
      }()) {
  reloads_ = former.reloads();
  failed_reloads_ = former.failed_reloads();
  startup_log_ = former.startup_log();
  started_ = base::MonoTime(base::Nanos(former.started_ns()));
  for (const auto& known : former.workers()) {
    workers_.push_back(std::make_unique<Worker>(*this, known.pid(), base::Fd(known.leash())));
    Worker& worker = *workers_.back();
    worker.started = base::MonoTime(base::Nanos(known.started_ns()));
    worker.reloads = known.reloads();
    if (known.current()) current_ = &worker;
  }
  for (const auto& socket : former.stock()) stock_.push_back({socket.key(), base::Fd(socket.fd())});
}

Master::~Master() = default;

int Master::run() {
  if (options_.daemon) {
    auto entered = base::Background::enter();
    if (!entered) {
      base::log(base::Level::alert, "cannot go to the background: {}", entered.error().text);
      return 1;
    }
    background_ = std::move(*entered);
    loop_.after_fork();
  }
  if (!options_.pidfile.empty()) {
    auto file = base::PidFile::write(options_.pidfile, ::getpid());
    if (!file) {
      base::log(base::Level::alert, "Cannot create pidfile {}", file.error().text);
      return 1;
    }
    pidfile_ = std::move(*file);
  }
  if (current_) {
    base::log(base::Level::notice, "Master goes on in version {}", version_number());
    on_child();  // who ended meanwhile
  } else if (!spawn()) {
    return 1;
  }
  loop_.run();
  return exit_code_;
}

base::Fd Master::way_to_current() {
  int ends[2];
  if (!current_ || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return {};
  base::Fd ours(ends[0]), theirs(ends[1]);
  if (!send_sockets(current_->leash.get(), "H\n", {{"heir", theirs.get()}})) return {};
  return ours;
}

bool Master::spawn() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
    base::log(base::Level::alert, "cannot start a worker: {}", strerror(errno));
    return false;
  }
  base::Fd ours(ends[0]), theirs(ends[1]);
  std::vector<std::string> environment = base::current_environment();
  environment.push_back(fmt::format("{}={}", kLeashVariable, theirs.get()));
  environment.push_back(stock_variable(stock_));
  base::Fd way = way_to_current();
  if (way) environment.push_back(fmt::format("{}={}", kPredecessorVariable, way.get()));
  std::vector<char*> argv = base::exec_words(options_.arguments), envp = base::exec_words(environment);
  pid_t pid = ::fork();
  if (pid < 0) {
    base::log(base::Level::alert, "cannot start a worker: {}", strerror(errno));
    return false;
  }
  if (pid == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::fchdir(options_.directory.get()) < 0) _exit(1);
    ::fcntl(theirs.get(), F_SETFD, 0);
    if (way) ::fcntl(way.get(), F_SETFD, 0);
    for (const HandedSocket& socket : stock_) ::fcntl(socket.fd.get(), F_SETFD, 0);
    ::execve(options_.executable.c_str(), argv.data(), envp.data());
    _exit(127);
  }
  workers_.push_back(std::make_unique<Worker>(*this, pid, std::move(ours)));
  next_ = workers_.back().get();
  base::log(base::Level::notice, "New worker ({}) forked", pid);
  return true;
}

void Master::became_ready(Worker& worker) {
  if (&worker != next_) return;
  base::log(base::Level::notice, "Loading success.");
  failed_reloads_ = 0;
  for (const auto& other : workers_) {
    if (other.get() == &worker) continue;
    const bool too_many = options_.max_reloads && other->reloads > *options_.max_reloads;
    if (too_many) ::kill(other->pid, SIGTERM);
  }
  if (current_) ::kill(current_->pid, SIGUSR1);
  current_ = &worker;
  stock_ = std::move(worker.sockets);
  for (pid_t pid : options_.finish) ::kill(pid, SIGUSR1);
  for (pid_t pid : options_.terminate) ::kill(pid, SIGTERM);
  options_.finish.clear();
  options_.terminate.clear();
  if (background_) {
    if (auto told = background_->ready(); !told) base::log(base::Level::warning, "{}", told.error().text);
    base::Logger::instance().set_stderr(base::Logger::Stderr::off);
    background_.reset();
  }
  if (options_.systemd) base::sd_notify(fmt::format("READY=1\nMAINPID={}\nSTATUS=Ready.\n", ::getpid()));
  reload_over(true);
}

void Master::reload(std::function<void(bool success)> done) {
  if (ending_) return done(false);
  (next_ ? told_of_next_reload_ : told_of_reload_).push_back(std::move(done));
  on_reload();
}

void Master::reload_over(bool success) {
  next_ = nullptr;
  for (const auto& done : std::exchange(told_of_reload_, {})) done(success);
  told_of_reload_ = std::exchange(told_of_next_reload_, {});
  if (std::exchange(reload_again_, false)) return on_reload();
  waits_ = 0;
  if (success && is_newer_program(options_.executable)) next_life_.start_after(kNextLife);
}

void Master::on_next_life() {
  // The end of another reload begins this anew.
  if (next_ || ending_ || !current_) return;
  if (cli_.has_sessions() && ++waits_ < kMostWaits) return next_life_.start_after(kNextLife);
  const base::Error error = begin_next_life(options_.executable, options_.arguments, state());
  base::log(base::Level::warning, "Master goes on as it is, in an older version than its worker: {}", error.text);
}

tandem::MasterState Master::state() const {
  tandem::MasterState state;
  state.set_systemd(options_.systemd);
  state.set_pidfile(options_.pidfile);
  if (options_.max_reloads) state.set_max_reloads(*options_.max_reloads);
  state.set_reloads(reloads_);
  state.set_failed_reloads(failed_reloads_);
  state.set_startup_log(startup_log_);
  state.set_started_ns(started_.time_since_epoch().count());
  state.set_directory(options_.directory.get());
  for (const int fd : cli_.listeners()) state.add_sockets(fd);
  for (const HandedSocket& socket : stock_) {
    auto& to = *state.add_stock();
    to.set_key(socket.key);
    to.set_fd(socket.fd.get());
  }
  for (const auto& worker : workers_) {
    auto& to = *state.add_workers();
    to.set_pid(worker->pid);
    to.set_leash(worker->leash.get());
    to.set_reloads(worker->reloads);
    to.set_started_ns(worker->started.time_since_epoch().count());
    to.set_current(worker.get() == current_);
  }
  return state;
}

std::string Master::process_table() const {
  auto line = [](pid_t pid, std::string_view type, const std::string& reloads, base::MonoTime started) {
    auto up = std::chrono::duration_cast<base::Seconds>(base::mono_now() - started).count();
    std::string uptime = fmt::format("{}d{:02}h{:02}m{:02}s", up / 86400, up / 3600 % 24, up / 60 % 60, up % 60);
    return fmt::format("{:<15} {:<15} {:<15} {:<15} {:<15}\n", pid, type, reloads, uptime, version_number());
  };
  std::string text =
      fmt::format("{:<15} {:<15} {:<15} {:<15} {:<15}\n", "#<PID>", "<type>", "<reloads>", "<uptime>", "<version>");
  text += line(::getpid(), "master", fmt::format("{} [failed: {}]", reloads_, failed_reloads_), started_);
  text += "# workers\n";
  if (current_) text += line(current_->pid, "worker", fmt::format("{}", current_->reloads), current_->started);
  bool old = false;
  for (const auto& worker : workers_) {
    if (worker.get() == current_) continue;
    if (!old) text += "# old workers\n";
    old = true;
    text += line(worker->pid, "worker", fmt::format("{}", worker->reloads), worker->started);
  }
  return text + "# programs\n\n";
}

base::Result<base::Fd> Master::talk_to(std::string_view target, pid_t* pid) {
  Worker* found = target == "1" ? current_ : nullptr;
  if (target.starts_with('!')) {
    auto wanted = base::parse_int<pid_t>(target.substr(1));
    for (const auto& worker : workers_)
      if (wanted && worker->pid == *wanted) found = worker.get();
  }
  if (!found) return base::Err(fmt::format("Can't find the target PID matching the prefix '@{}'", target));
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return base::Err(base::Error::from_errno("socketpair"));
  base::Fd ours(ends[0]), theirs(ends[1]);
  TRY(send_sockets(found->leash.get(), "C\n", {{"cli", theirs.get()}}));
  *pid = found->pid;
  return ours;
}

void Master::on_reload() {
  if (ending_) return;
  if (next_) {
    // What is starting may have read the files before they were changed.
    base::log(base::Level::notice, "A worker is starting; reloading once more when it is done");
    reload_again_ = true;
    return;
  }
  base::log(base::Level::notice, "Reloading HAProxy configuration");
  if (options_.systemd) base::sd_notify("RELOADING=1\nSTATUS=Reloading Configuration.\n");
  ++reloads_;
  for (const auto& worker : workers_) ++worker->reloads;
  startup_log_.clear();
  if (!spawn()) start_failed();
}

void Master::start_failed() {
  next_ = nullptr;
  if (!current_) return end(std::max(1, exit_code_));
  ++failed_reloads_;
  base::log(base::Level::alert, "Loading failure! The former worker goes on.");
  tell_failure();
  if (options_.systemd) base::sd_notify(fmt::format("READY=1\nMAINPID={}\nSTATUS=Reload failed!\n", ::getpid()));
  reload_over(false);
}

void Master::tell_failure() const {
  const std::string text = fmt::format("{}{}", kFailedReload, first_alert(startup_log_).substr(0, kMostOfPiece));
  (void)::send(current_->leash.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// While a worker starts there is nobody else to look after.
bool Master::is_alive() const {
  const bool tells = current_ && current_->alive_at != base::MonoTime();
  return !tells || base::mono_now() - current_->alive_at < kSilence;
}

void Master::signal_workers(int signum) {
  for (const auto& worker : workers_) ::kill(worker->pid, signum);
}

void Master::on_drain() {
  ending_ = true;
  signal_workers(SIGUSR1);
}

void Master::on_terminate() {
  ending_ = true;
  exit_code_ = 128 + SIGTERM;
  base::log(base::Level::warning, "Exiting Master process...");
  if (options_.systemd) base::sd_notify("STOPPING=1\n");
  signal_workers(SIGTERM);
}

void Master::on_interrupt() {
  on_terminate();
  exit_code_ = 128 + SIGINT;
}

void Master::on_child() {
  int status = 0;
  pid_t pid;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) reaped(pid, status);
}

void Master::reaped(pid_t pid, int status) {
  auto it = std::find_if(workers_.begin(), workers_.end(), [&](const auto& worker) { return worker->pid == pid; });
  if (it == workers_.end()) return;
  std::unique_ptr<Worker> worker = std::move(*it);
  workers_.erase(it);
  worker->read_rest();
  bool was_current = worker.get() == current_, was_next = worker.get() == next_;
  bool failed = status != 0;
  base::log(was_current && !ending_ ? base::Level::alert
            : failed                ? base::Level::warning
                                    : base::Level::notice,
            "{} worker ({}) exited with {}",
            was_current ? "Current"
            : was_next  ? "New"
                        : "Former",
            pid, exit_text(status));
  if (was_current) current_ = nullptr;
  if (was_next && !ending_) {
    if (!current_) exit_code_ = std::max(1, exit_code_of(status));
    start_failed();
  } else if (was_current && !ending_) {
    // Without a worker nothing is served; a supervisor shall start us anew.
    base::log(base::Level::alert, "exit-on-failure: killing every processes with SIGTERM");
    ending_ = true;
    exit_code_ = exit_code_of(status);
    signal_workers(SIGTERM);
  }
  if (ending_ && workers_.empty()) end(exit_code_);
}

void Master::end(int code) {
  base::log(base::Level::warning, "All workers exited. Exiting... ({})", code);
  exit_code_ = code;
  loop_.stop();
}

}  // namespace lbd
