#include "base/proc_stat.h"

#include <fmt/format.h>

#include "base/fd.h"
#include "base/strings.h"

namespace base {
namespace {

std::optional<ProcStat> read(const std::string& path) {
  const auto text = read_file(path);
  return text ? parse_proc_stat(*text) : std::nullopt;
}

}  // namespace

// PID (NAME) STATE PPID …; the name ends at the last bracket.
std::optional<ProcStat> parse_proc_stat(std::string_view text) {
  const size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  const auto words = split(text.substr(close + 1), ' ');
  if (words.size() < 3 || words[1].size() != 1) return std::nullopt;
  const auto parent = parse_int<pid_t>(words[2]);
  if (!parent) return std::nullopt;
  return ProcStat{std::string(text.substr(open + 1, close - open - 1)), words[1][0], *parent};
}

std::optional<ProcStat> read_proc_stat(pid_t process) {
  return read(fmt::format("/proc/{}/stat", process));
}

std::optional<ProcStat> read_own_thread_stat(pid_t thread) {
  return read(fmt::format("/proc/self/task/{}/stat", thread));
}

}  // namespace base
