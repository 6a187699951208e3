// The process: going to the background, pid file, privileges, readiness for systemd, and children with a deadline.
//
// Life: a Child belongs to the object that waits for it; destroying it kills the whole process group it leads. A
// PidFile removes its file when destroyed in the process that wrote it.
// Thread: Background and drop_privileges() before threads start; spawn() in any thread (the new process calls only
// async-signal-safe functions until exec), its callbacks in the thread of its loop.
// Errors: Result; a child's failure to exec is exit code 127, as in a shell. sd_notify(3) is the protocol's reference.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ev.h"
#include "base/fd.h"
#include "base/result.h"

namespace base {

// SIGUSR1, SIGUSR2, SIGHUP, SIGTERM and SIGINT wait until they are let through again. The thread's mask.
void block_control_signals();
void unblock_control_signals();

// A process in the background. The one that called enter() waits and exits with 0 when ready() is called in the new
// session, with 1 when the daemon ends before; until then messages still reach its standard error. ready() puts
// /dev/null in the place of the standard streams and works after a chroot as well. Loops need after_fork().
class Background {
 public:
  static Result<Background> enter();
  // In a process that is in the background already: there is nobody to tell.
  static Result<Background> inside();
  Status ready();

 private:
  Fd null_, tell_;
};

class PidFile {
 public:
  PidFile() = default;
  // `exclusive`: fails when another live process holds the file.
  static Result<PidFile> write(const std::string& path, pid_t pid, bool exclusive = false);
  PidFile(PidFile&& other) noexcept { *this = std::move(other); }
  PidFile& operator=(PidFile&& other) noexcept;
  ~PidFile();

 private:
  std::string path_;
  pid_t writer_ = -1;
  Fd lock_;
};

// A name or a number. A number that is nobody's has the group of the same number: never root's.
Result<uid_t> find_user(const std::string& name, gid_t* primary_group = nullptr);
Result<gid_t> find_group(const std::string& name);

struct Privileges {
  std::string chroot{};  // empty: none
  std::optional<uid_t> uid{};
  std::optional<gid_t> gid{};
  std::vector<gid_t> groups{};  // supplementary; all others are dropped when uid or gid is set
};
// In the order that works: groups, chroot, gid, uid.
Status drop_privileges(const Privileges& to);

// Raises the limit of open files to `count`; the hard limit too where permitted. Returns what was reached.
Result<uint64_t> raise_fd_limit(uint64_t count);

// A write to a closed connection is an error return, not a signal.
void ignore_sigpipe();

// One datagram to NOTIFY_SOCKET ("READY=1", "STOPPING=1", "STATUS=…"); true when someone listens.
bool sd_notify(std::string_view state);

struct SpawnOptions {
  std::vector<std::string> argv{};         // argv[0] is the path
  std::vector<std::string> environment{};  // "NAME=value"; the whole environment of the child
  std::optional<uid_t> uid{};
  std::optional<gid_t> gid{};
  std::vector<gid_t> groups{};  // supplementary ones; none: `gid` alone
  bool plain_setuid = false;    // setuid programs that it starts run as itself (PR_SET_NO_NEW_PRIVS)
  Nanos timeout{0};             // 0: none. Then SIGTERM to the process group, and SIGKILL after `grace`
  Nanos grace = Seconds(2);
  size_t capture = 0;  // keep so many bytes of standard output; 0: /dev/null
};

struct ChildResult {
  bool timed_out = false;
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;
  std::string output;
  bool ok() const { return exit_code == 0 && !timed_out; }
};

class Child {
 public:
  using Done = std::function<void(const ChildResult&)>;
  explicit Child(Loop& loop);
  ~Child();
  // Done is called once, from the loop; it may destroy the Child or spawn again.
  Status spawn(const SpawnOptions& options, Done done);
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  void signal(int signum) const;  // to the process group

 private:
  void on_exit();
  void on_output();
  void on_deadline();
  void drain_output();

  IoWatcher exit_;
  IoWatcher readable_;
  Timer deadline_;
  pid_t pid_ = -1;
  Fd pidfd_;
  Fd output_;
  size_t capture_ = 0;
  Nanos grace_{0};
  ChildResult result_;
  Done done_;
};

// The environment of this process, as SpawnOptions wants it.
std::vector<std::string> current_environment();

}  // namespace base
