#include "vrrpd/notify.h"

#include <fmt/format.h>

#include "base/log.h"
#include "vrrpd/command.h"

namespace vrrpd {
namespace {

constexpr base::Seconds kLimit{60};

const Command& script_of(const NotifyScripts& scripts, std::string_view state) {
  static const Command kNone;
  if (state == "MASTER") return scripts.master;
  if (state == "BACKUP") return scripts.backup;
  if (state == "FAULT") return scripts.fault;
  if (state == "STOP") return scripts.stop;
  if (state == "DELETED") return scripts.deleted;
  return kNone;
}

}  // namespace

void Notifier::run(const Command& command, const GlobalConfig& global, const std::vector<std::string>& extra) {
  if (!command) return;
  const auto runnable = resolve(command, global);
  if (!runnable) {
    base::log(base::Level::err, "({}) {}", name_, runnable.error().text);
    return;
  }
  base::SpawnOptions options = spawn_options(*runnable);
  options.argv.insert(options.argv.end(), extra.begin(), extra.end());
  options.timeout = kLimit;
  waiting_.push_back(std::move(options));
  if (!child_.running()) run_next();
}

void Notifier::tell(const NotifyScripts& scripts, const GlobalConfig& global, const Change& change) {
  tell_fifos(change);
  run(script_of(scripts, change.state), global);
  run(scripts.any, global,
      {std::string(change.type), name_, std::string(change.state), fmt::format("{}", change.priority)});
}

void Notifier::run_next() {
  while (!child_.running() && !waiting_.empty()) {
    const base::SpawnOptions options = std::move(waiting_.front());
    waiting_.pop_front();
    const auto status = child_.spawn(options, [this, script = options.argv[0]](const base::ChildResult& result) {
      if (result.timed_out)
        base::log(base::Level::warning, "({}) notify script {} took too long and was killed", name_, script);
      else if (!result.ok())
        base::log(base::Level::notice, "({}) notify script {} ended with {}", name_, script,
                  result.signal ? -result.signal : result.exit_code);
      next_.start_after(base::Nanos(0));
    });
    if (!status) base::log(base::Level::err, "({}) {}", name_, status.error().text);
  }
}

}  // namespace vrrpd
