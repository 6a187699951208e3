// ProcStat: what the kernel tells of a process or one of its threads in /proc/PID/stat (proc(5)). Thread: any.
// Errors: nothing, when there is none or it is not read.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace base {

struct ProcStat {
  std::string name;  // at most 15 characters; may hold anything
  char state = '?';  // R running, S sleeping, T stopped, t traced, Z zombie, …
  pid_t parent = 0;

  bool ended() const { return state == 'Z' || state == 'X'; }
  bool stopped() const { return state == 'T' || state == 't'; }
};

std::optional<ProcStat> parse_proc_stat(std::string_view text);
std::optional<ProcStat> read_proc_stat(pid_t process);
std::optional<ProcStat> read_own_thread_stat(pid_t thread);

}  // namespace base
