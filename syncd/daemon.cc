#include "syncd/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/journal.h"
#include "base/log.h"
#include "base/process.h"
#include "base/version.h"
#include "base/watchdog.h"
#include "ipc/journal_feed.h"
#include "syncd/snapshot.h"

namespace syncd {
namespace {

// A part of the entries is looked at each time, all of them within some seconds.
constexpr base::Millis kSweep{100};
constexpr size_t kSweeps = 50;
constexpr size_t kLeastSwept = 1000;

}  // namespace

Daemon::Daemon(const Config& config)
    : config_(config),
      store_(config.entries, replica::origin_of(config.node)),
      parts_(config.table_entries),
      views_(loop_, [this] { return account(); }),
      changes_(loop_),
      chronicle_(static_cast<uint64_t>(base::wall_now().time_since_epoch().count()), base::boot_id(),
                 [this](const tandem::Envelope& news) { relay_.from_here(news); }),
      context_{.loop = loop_,
               .config = config,
               .store = store_,
               .parts = parts_,
               .roster = roster_,
               .relay = relay_,
               .views = views_,
               .changes = changes_,
               .chronicle = chronicle_,
               .hello = ipc::make_hello(tandem::ROLE_SYNCD, base::kVersion, config.node),
               .channel = {}},
      nodes_([&]() -> Context& {
        context_.hello.add_streams(replica::kPartStream);
        context_.channel.heartbeat = config.heartbeat;
        context_.channel.silence = 3 * config.heartbeat;
        return context_;
      }()),
      local_(context_, *this, nodes_),
      sweep_(loop_),
      snapshot_(loop_),
      term_(loop_),
      interrupt_(loop_),
      hangup_(loop_),
      started_(base::mono_now()) {
  sweep_.bind<&Daemon::sweep>(this);
  snapshot_.bind<&Daemon::on_snapshot>(this);
  term_.bind<&Daemon::on_stop>(this, SIGTERM);
  interrupt_.bind<&Daemon::on_stop>(this, SIGINT);
  hangup_.bind<&Daemon::on_hangup>(this, SIGHUP);
  base::Journal::instance().set_listener([this] { on_journal(); });
}

// Without one, or with half of one, all works as ever: the other node teaches.
void Daemon::read_snapshot() {
  if (config_.snapshot.empty()) return;
  const base::Status read = syncd::read_snapshot(config_.snapshot, {store_, parts_});
  if (!read && read.error().sys != ENOENT) base::log(base::Level::warning, "snapshot: {}", read.error().text);
  base::log(base::Level::notice, "snapshot: {} objects, {} entries of tables", store_.size(), parts_.objects());
}

base::Status Daemon::write_snapshot() {
  base::Status written = syncd::write_snapshot(config_.snapshot, config_.node, {store_, parts_});
  if (!written) base::log(base::Level::err, "snapshot: {}", written.error().text);
  return written;
}

// A process of its own writes it, with the memory as it is now: the links go on.
void Daemon::on_snapshot() {
  snapshot_.start_after(config_.snapshot_every);
  if (writing(false)) return;
  writer_ = fork();
  if (writer_ == 0) _exit(write_snapshot() ? 0 : 1);
  if (writer_ < 0) base::log(base::Level::err, "snapshot: {}", base::Error::from_errno("fork").text);
}

bool Daemon::writing(bool wait) {
  if (writer_ > 0 && waitpid(writer_, nullptr, wait ? 0 : WNOHANG) == 0) return true;
  writer_ = 0;
  return false;
}

base::Status Daemon::start() {
  read_snapshot();
  TRY(local_.listen());
  TRY(nodes_.listen());
  nodes_.start();
  sweep_.start_after(kSweep);
  if (config_.snapshot_every.count() > 0) snapshot_.start_after(config_.snapshot_every);
  return {};
}

void Daemon::sweep() {
  parts_.sweep(std::max(parts_.parts() / kSweeps, kLeastSwept), base::to_millis(base::wall_now().time_since_epoch()));
  sweep_.start_after(kSweep);
}

void Daemon::run() {
  base::log(base::Level::notice, "syncd {} of node {} started, {} peer{}", base::kVersion, config_.node,
            config_.peers.size(), config_.peers.size() == 1 ? "" : "s");
  base::record("daemon", "syncd", fmt::format("process {} runs, version {}", getpid(), base::kVersion));
  base::sd_notify("READY=1");
  const base::Watchdog watchdog(loop_);
  const std::string directory = config_.snapshot.substr(0, config_.snapshot.rfind('/') + 1);
  if (!config_.snapshot.empty() &&
      faccessat(AT_FDCWD, directory.empty() ? "." : directory.c_str(), W_OK, AT_EACCESS) < 0)
    base::log(base::Level::warning, "snapshot: none can be written: {}", base::Error::from_errno(directory).text);
  loop_.run();
}

void Daemon::on_stop() {
  base::log(base::Level::notice, "stopping");
  base::record("daemon", "syncd", "stopping");
  base::sd_notify("STOPPING=1");
  nodes_.stop();
  local_.stop();
  writing(true);
  if (!config_.snapshot.empty()) (void)write_snapshot();
  loop_.stop();
}

// For the rest a restart costs nothing: lbd and the other node teach us anew.
void Daemon::on_hangup() {
  base::sd_notify("RELOADING=1");
  reload_certificates();
  base::sd_notify("READY=1");
}

void Daemon::reload_certificates() {
  if (!context_.tls) {
    base::log(base::Level::notice, "SIGHUP: the configuration is read at start only, restart to change it");
    return;
  }
  if (auto reloaded = context_.tls->reload(); !reloaded)
    base::log(base::Level::err, "SIGHUP: the certificate stays as it is: {}", reloaded.error().text);
  else
    base::log(base::Level::notice,
              "SIGHUP: certificate, key and ca-file were read again; links that stand keep theirs");
}

tandem::StatsReply Daemon::stats() const {
  return make_stats(config_, {.store = store_, .parts = parts_, .nodes = nodes_, .local = local_, .started = started_});
}

// Of syncd itself.
void Daemon::on_journal() {
  const tandem::Events news = ipc::journal_events(told_);
  if (news.events().empty()) return;
  told_ = news.events().rbegin()->sequence();
  chronicle_.add_local(context_.hello, news);
}

tandem::Account Daemon::account() const {
  tandem::Account account;
  *account.mutable_hello() = context_.hello;
  *account.mutable_stats() = stats();
  return account;
}

}  // namespace syncd
