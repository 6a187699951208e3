#include "vrrpd/track/process_list.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/fd.h"
#include "base/proc_stat.h"
#include "base/strings.h"

namespace vrrpd {
namespace {

using Parameters = ProcessConfig::Parameters;

constexpr size_t kNameLength = 15;  // TASK_COMM_LEN without the end

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

std::vector<std::string_view> split_arguments(std::string_view text) {
  std::vector<std::string_view> arguments;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\0'), text.size());
    arguments.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return arguments;
}

}  // namespace

bool matches(const ProcessConfig& wanted, std::string_view name, const std::vector<std::string_view>& arguments) {
  const std::string_view command = wanted.command.front();
  if (wanted.parameters == Parameters::ignored) {
    if (name == command.substr(0, kNameLength)) return true;
    // A path cannot be a name; it is what was started.
    return command.find('/') != std::string_view::npos && !arguments.empty() && arguments.front() == command;
  }
  if (arguments.empty() || arguments.front() != command) return false;
  const size_t count = wanted.command.size();
  if (arguments.size() < count || (wanted.parameters != Parameters::partial && arguments.size() != count)) return false;
  for (size_t i = 1; i < count; ++i) {
    const bool last = i + 1 == count;
    const bool same = last && wanted.parameters == Parameters::initial ? arguments[i].starts_with(wanted.command[i])
                                                                       : arguments[i] == wanted.command[i];
    if (!same) return false;
  }
  return true;
}

std::vector<pid_t> find_processes(const ProcessConfig& wanted) {
  std::vector<pid_t> found;
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir("/proc"));
  if (!directory) return found;
  const bool by_name =
      wanted.parameters == Parameters::ignored && wanted.command.front().find('/') == std::string::npos;
  while (const dirent* entry = readdir(directory.get())) {
    const auto pid = base::parse_int<pid_t>(entry->d_name);
    if (!pid || *pid == getpid()) continue;
    // Processes may end between two looks: what cannot be read is not there.
    const auto stat = base::read_proc_stat(*pid);
    if (!stat || stat->ended() || stat->name.empty()) continue;
    std::string line;
    if (!by_name) line = base::read_file(fmt::format("/proc/{}/cmdline", *pid)).value_or("");
    if (matches(wanted, stat->name, split_arguments(line))) found.push_back(*pid);
  }
  return found;
}

}  // namespace vrrpd
