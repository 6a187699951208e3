#include "vrrpd/command.h"

#include <fmt/format.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/strings.h"

namespace vrrpd {
namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* kDefaultUser = "keepalived_script";

base::Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (access(name.c_str(), X_OK) == 0) return name;
    return base::Err(base::Error::from_errno("script '" + name + "'"));
  }
  const char* path = std::getenv("PATH");
  for (std::string_view directory : base::split(path ? path : kDefaultPath, ':')) {
    const std::string candidate = fmt::format("{}/{}", directory, name);
    if (directory.starts_with('/') && access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return base::Err(fmt::format("script '{}' is not in PATH", name));
}

// Every part of the path belongs to root and only root may change it (a sticky directory like /tmp does not count as
// safe: the file could have been put there by anybody).
base::Status check_security(const std::string& program) {
  std::array<char, PATH_MAX> resolved{};
  if (!realpath(program.c_str(), resolved.data())) return base::Err(base::Error::from_errno(program));
  const std::string path = resolved.data();
  for (size_t end = path.size(); end != std::string::npos; end = end ? path.rfind('/', end - 1) : std::string::npos) {
    const std::string part = end ? path.substr(0, end) : "/";
    struct stat info;
    if (lstat(part.c_str(), &info) != 0) return base::Err(base::Error::from_errno(part));
    const bool group_may = (info.st_mode & S_IWGRP) && info.st_gid != 0;
    if (info.st_uid != 0 || group_may || (info.st_mode & S_IWOTH))
      return base::Err(
          fmt::format("script '{}' would run as root, but others than root may change '{}'", program, part));
  }
  return {};
}

std::vector<gid_t> groups_of(const std::string& user, gid_t first) {
  std::vector<gid_t> groups(1);
  for (int count = 1; getgrouplist(user.c_str(), first, groups.data(), &count) < 0;)
    groups.resize(static_cast<size_t>(count));
  return groups;
}

}  // namespace

base::Result<Runnable> resolve(const Command& command, const GlobalConfig& global) {
  Runnable runnable;
  runnable.argv = command.argv;
  runnable.argv[0] = TRY(find_program(command.argv[0]));

  const bool own = !command.user.empty();
  std::string user = own ? command.user : global.script_user;
  const std::string& group = own ? command.group : global.script_group;
  if (user.empty()) user = getpwnam(kDefaultUser) ? kDefaultUser : "";
  if (user.empty()) {
    runnable.uid = geteuid();
    runnable.gid = getegid();
  } else {
    runnable.uid = TRY(base::find_user(user, &runnable.gid));
  }
  if (!group.empty()) runnable.gid = TRY(base::find_group(group));
  if (global.supplementary_groups && !user.empty()) runnable.groups = groups_of(user, runnable.gid);
  if (runnable.uid == 0 && global.script_security) {
    if (auto status = check_security(runnable.argv[0]); !status) return base::Err(status.error());
  }
  return runnable;
}

base::SpawnOptions spawn_options(const Runnable& runnable) {
  base::SpawnOptions options;
  options.argv = runnable.argv;
  options.environment = base::current_environment();
  if (runnable.uid != geteuid()) options.uid = runnable.uid;
  if (runnable.gid != getegid()) options.gid = runnable.gid;
  options.groups = runnable.groups;
  return options;
}

void check_commands(const Config& config, cfg::Diagnostics& diagnostics) {
  const auto check = [&](const Command& command) {
    if (!command) return;
    if (const auto runnable = resolve(command, config.global); !runnable)
      diagnostics.error(command.where, runnable.error().text, "it is not run");
  };
  const auto check_all = [&](const NotifyScripts& scripts) {
    for (const Command* command : {&scripts.master, &scripts.backup, &scripts.fault, &scripts.stop, &scripts.deleted,
                                   &scripts.master_rx_lower_pri, &scripts.any})
      check(*command);
  };
  for (const ScriptConfig& script : config.scripts) check(script.command);
  for (const InstanceConfig& instance : config.instances) check_all(instance.notify);
  for (const GroupConfig& group : config.groups) check_all(group.notify);
}

}  // namespace vrrpd
