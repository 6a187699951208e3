#include "vrrpd/fifo.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "vrrpd/command.h"

namespace vrrpd {
namespace {

using base::Level;

constexpr base::Seconds kRestart{1};

}  // namespace

NotifyFifo::NotifyFifo(base::Loop& loop, const FifoConfig& config, const GlobalConfig& global)
    : config_(config), child_(loop), restart_(loop) {
  restart_.bind<&NotifyFifo::start_script>(this);
  open();
  if (!config_.script) return;
  auto runnable = resolve(config_.script, global);
  if (!runnable) {
    base::log(Level::err, "notify fifo {}: {}", config_.path, runnable.error().text);
    return;
  }
  script_ = spawn_options(*runnable);
  script_.argv.push_back(config_.path);
  start_script();
}

NotifyFifo::~NotifyFifo() {
  if (made_) unlink(config_.path.c_str());
}

void NotifyFifo::open() {
  const char* path = config_.path.c_str();
  made_ = mkfifo(path, 0600) == 0;
  fd_ = base::Fd(::open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  struct stat info {};
  if (!fd_ || fstat(fd_.get(), &info) != 0 || !S_ISFIFO(info.st_mode)) {
    base::log(Level::err, "notify fifo {}: {}", config_.path, fd_ ? "not a fifo" : base::Error::from_errno(path).text);
    fd_.reset();
    return;
  }
  if (!made_ || config_.user.empty()) return;
  gid_t gid = 0;
  const auto uid = base::find_user(config_.user, &gid);
  const auto group = config_.group.empty() ? base::Result<gid_t>(gid) : base::find_group(config_.group);
  if (!uid || !group || fchown(fd_.get(), *uid, *group) != 0)
    base::log(Level::warning, "notify fifo {} stays root's: {}", config_.path,
              !uid     ? uid.error().text
              : !group ? group.error().text
                       : base::Error::from_errno("chown").text);
}

void NotifyFifo::start_script() {
  const auto status = child_.spawn(script_, [this](const base::ChildResult&) {
    base::log(Level::warning, "the reader of notify fifo {} has ended; it is started again", config_.path);
    restart_.start_after(kRestart);
  });
  if (!status) base::log(Level::err, "notify fifo {}: {}", config_.path, status.error().text);
}

void NotifyFifo::write(std::string_view line) {
  if (!fd_) return;
  // Shorter than PIPE_BUF: whole or not at all.
  if (::write(fd_.get(), line.data(), line.size()) < 0)
    base::log(Level::warning, "notify fifo {}: nobody reads; lost: {}", config_.path, line.substr(0, line.size() - 1));
}

void NotifyFifos::configure(const GlobalConfig& global) {
  std::vector<std::unique_ptr<NotifyFifo>> before = std::exchange(fifos_, {});
  for (const FifoConfig* config : {&global.fifo, &global.vrrp_fifo}) {
    if (config->path.empty()) continue;
    const auto same =
        std::find_if(before.begin(), before.end(), [&](const auto& fifo) { return fifo && fifo->config() == *config; });
    if (same != before.end()) fifos_.push_back(std::move(*same));
  }
  before.clear();
  for (const FifoConfig* config : {&global.fifo, &global.vrrp_fifo}) {
    const bool open = std::any_of(fifos_.begin(), fifos_.end(),
                                  [&](const auto& fifo) { return fifo->config().path == config->path; });
    if (!config->path.empty() && !open) fifos_.push_back(std::make_unique<NotifyFifo>(loop_, *config, global));
  }
}

void NotifyFifos::tell(std::string_view type, std::string_view name, std::string_view event, uint8_t priority) {
  if (fifos_.empty()) return;
  const std::string line = fmt::format("{} \"{}\" {} {}\n", type, name, event, priority);
  for (const auto& fifo : fifos_) fifo->write(line);
}

}  // namespace vrrpd
