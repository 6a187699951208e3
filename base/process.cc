#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/addr.h"
#include "base/strings.h"

namespace base {
namespace {

sigset_t control_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGUSR1, SIGUSR2, SIGHUP, SIGTERM, SIGINT}) sigaddset(&set, number);
  return set;
}

}  // namespace

void block_control_signals() {
  sigset_t set = control_signals();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

void unblock_control_signals() {
  sigset_t set = control_signals();
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

namespace {

// The child's side of spawn(): only async-signal-safe calls, other threads of the parent may hold any lock.
[[noreturn]] void run_child(const SpawnOptions& options, char* const* argv, char* const* environment, int null_fd,
                            int output_fd) {
  setpgid(0, 0);
  for (int signum = 1; signum < NSIG; ++signum) ::signal(signum, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(null_fd, STDIN_FILENO);
  dup2(output_fd >= 0 ? output_fd : null_fd, STDOUT_FILENO);
  dup2(null_fd, STDERR_FILENO);
  // Everything of ours is close-on-exec; inherited descriptors of start scripts are not, and are none of its business.
  syscall(SYS_close_range, 3u, ~0u, 0u);
  bool ok = true;
  if (!options.groups.empty())
    ok = setgroups(options.groups.size(), options.groups.data()) == 0;
  else if (options.gid)
    ok = setgroups(1, &*options.gid) == 0;
  if (ok && options.gid) ok = setresgid(*options.gid, *options.gid, *options.gid) == 0;
  if (ok && options.uid) ok = setresuid(*options.uid, *options.uid, *options.uid) == 0;
  if (ok && options.plain_setuid) ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (ok) execve(argv[0], argv, environment);
  _exit(127);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

}  // namespace

Result<Background> Background::inside() {
  Background background;
  background.null_ = Fd(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!background.null_) return Err(Error::from_errno("open /dev/null"));
  return background;
}

Result<Background> Background::enter() {
  Background background = TRY(inside());
  Pipe pipe = TRY(Pipe::open());
  // Nothing may be left in the buffers that both processes would write.
  fflush(nullptr);
  pid_t pid = fork();
  if (pid < 0) return Err(Error::from_errno("fork"));
  if (pid > 0) {
    pipe.write.reset();
    TRY(Fd::set_nonblock(pipe.read.get(), false));
    char byte;
    ssize_t n;
    while ((n = read(pipe.read.get(), &byte, 1)) < 0 && errno == EINTR) {
    }
    _exit(n == 1 ? 0 : 1);
  }
  if (setsid() < 0) return Err(Error::from_errno("setsid"));
  background.tell_ = std::move(pipe.write);
  return background;
}

Status Background::ready() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (dup2(null_.get(), fd) < 0) return Err(Error::from_errno("dup2"));
  null_.reset();
  if (!tell_) return {};
  // Nobody waiting any more is no failure.
  if (write(tell_.get(), "r", 1) < 0 && errno != EPIPE) return Err(Error::from_errno("write"));
  tell_.reset();
  return {};
}

Result<PidFile> PidFile::write(const std::string& path, pid_t pid, bool exclusive) {
  PidFile file;
  Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return Err(Error::from_errno(fmt::format("pid file {}", path)));
  if (exclusive && flock(fd.get(), LOCK_EX | LOCK_NB) < 0)
    return Err(Error{Code::exists, Fault::input, Retry::no, errno,
                     fmt::format("pid file {}: another process holds it", path)});
  std::string text = fmt::format("{}\n", pid);
  if (ftruncate(fd.get(), 0) < 0 || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return Err(Error::from_errno(fmt::format("pid file {}", path)));
  file.path_ = path;
  file.writer_ = getpid();
  if (exclusive) file.lock_ = std::move(fd);
  return file;
}

PidFile& PidFile::operator=(PidFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(writer_, other.writer_);
  std::swap(lock_, other.lock_);
  return *this;
}

PidFile::~PidFile() {
  if (writer_ == getpid() && !path_.empty()) unlink(path_.c_str());
}

Result<uid_t> find_user(const std::string& name, gid_t* primary_group) {
  errno = 0;
  if (const passwd* entry = getpwnam(name.c_str())) {
    if (primary_group) *primary_group = entry->pw_gid;
    return entry->pw_uid;
  }
  if (auto number = parse_int<uid_t>(name)) {
    const passwd* entry = primary_group ? getpwuid(*number) : nullptr;
    if (primary_group) *primary_group = entry ? entry->pw_gid : *number;
    return *number;
  }
  return Err(fmt::format("there is no user '{}'", name));
}

Result<gid_t> find_group(const std::string& name) {
  if (const group* entry = getgrnam(name.c_str())) return entry->gr_gid;
  if (auto number = parse_int<gid_t>(name)) return *number;
  return Err(fmt::format("there is no group '{}'", name));
}

Status drop_privileges(const Privileges& to) {
  if ((to.uid || to.gid) && geteuid() == 0 && setgroups(to.groups.size(), to.groups.data()) < 0)
    return Err(Error::from_errno("setgroups"));
  if (!to.chroot.empty()) {
    if (chroot(to.chroot.c_str()) < 0 || chdir("/") < 0)
      return Err(Error::from_errno(fmt::format("chroot {}", to.chroot)));
  }
  if (to.gid && getegid() != *to.gid && setresgid(*to.gid, *to.gid, *to.gid) < 0)
    return Err(Error::from_errno(fmt::format("setgid {}", *to.gid)));
  if (to.uid && geteuid() != *to.uid && setresuid(*to.uid, *to.uid, *to.uid) < 0)
    return Err(Error::from_errno(fmt::format("setuid {}", *to.uid)));
  return {};
}

Result<uint64_t> raise_fd_limit(uint64_t count) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return Err(Error::from_errno("getrlimit"));
  if (limit.rlim_cur >= count) return limit.rlim_cur;
  rlimit wanted{count, std::max<rlim_t>(limit.rlim_max, count)};
  if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) return count;
  wanted = {std::min<rlim_t>(limit.rlim_max, count), limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &wanted) < 0) return Err(Error::from_errno("setrlimit"));
  return wanted.rlim_cur;
}

void ignore_sigpipe() {
  ::signal(SIGPIPE, SIG_IGN);
}

bool sd_notify(std::string_view state) {
  const char* path = getenv("NOTIFY_SOCKET");
  if (!path || (path[0] != '/' && path[0] != '@')) return false;
  SockAddr to = path[0] == '@' ? SockAddr::abstract(path + 1) : SockAddr::unix_path(path);
  Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return fd && sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL, to.sa(), to.length()) >= 0;
}

Child::Child(Loop& loop) : exit_(loop), readable_(loop), deadline_(loop) {
  exit_.bind<&Child::on_exit>(this);
  readable_.bind<&Child::on_output>(this);
  deadline_.bind<&Child::on_deadline>(this);
}

Child::~Child() {
  if (pid_ <= 0) return;
  signal(SIGKILL);
  int status;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

Status Child::spawn(const SpawnOptions& options, Done done) {
  CHECK(pid_ <= 0);
  if (options.argv.empty()) return Err("no program to run");
  std::vector<char*> argv = pointers(options.argv);
  std::vector<char*> environment = pointers(options.environment);
  Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return Err(Error::from_errno("open /dev/null"));
  Pipe pipe;
  if (options.capture) {
    pipe = TRY(Pipe::open());
    (void)Fd::set_nonblock(pipe.write.get(), false);
  }
  pid_t pid = fork();
  if (pid < 0) return Err(Error::from_errno("fork"));
  if (pid == 0) run_child(options, argv.data(), environment.data(), null.get(), pipe.write.get());
  setpgid(pid, pid);  // in both: whoever comes first
  pid_ = pid;
  pidfd_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd_) {
    Error error = Error::from_errno("pidfd_open");
    signal(SIGKILL);
    waitpid(pid, nullptr, 0);
    pid_ = -1;
    return Err(std::move(error));
  }
  (void)Fd::set_cloexec(pidfd_.get());
  result_ = {};
  done_ = std::move(done);
  grace_ = options.grace;
  capture_ = options.capture;
  output_ = std::move(pipe.read);
  exit_.start(pidfd_.get(), EV_READ);
  if (output_) readable_.start(output_.get(), EV_READ);
  if (options.timeout > Nanos(0)) deadline_.start_after(options.timeout);
  return {};
}

void Child::signal(int signum) const {
  if (pid_ > 0) kill(-pid_, signum);
}

void Child::drain_output() {
  char bytes[4096];
  ssize_t n;
  while (output_ && (n = read(output_.get(), bytes, sizeof bytes)) > 0)
    result_.output.append(bytes, std::min(static_cast<size_t>(n), capture_ - result_.output.size()));
  if (output_ && n == 0) {
    readable_.stop();
    output_.reset();
  }
}

void Child::on_output() {
  drain_output();
}

void Child::on_deadline() {
  signal(result_.timed_out ? SIGKILL : SIGTERM);
  if (!std::exchange(result_.timed_out, true)) deadline_.start_after(grace_);
}

void Child::on_exit() {
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return;
  // What it started itself goes with it.
  kill(-pid_, SIGKILL);
  drain_output();
  exit_.stop();
  readable_.stop();
  deadline_.stop();
  output_.reset();
  pidfd_.reset();
  pid_ = -1;
  result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  Done done = std::move(done_);
  ChildResult result = std::move(result_);
  done(result);
}

std::vector<std::string> current_environment() {
  std::vector<std::string> all;
  for (char** at = environ; *at; ++at) all.emplace_back(*at);
  return all;
}

}  // namespace base
