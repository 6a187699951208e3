#include "snmp/collector.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "snmp/pair_reader.h"
#include "snmp/proxy_reader.h"

namespace snmp {
namespace {

enum Awaited : unsigned { kLbd = 1, kVrrpd = 2, kSyncd = 4 };
// Of backends only.
constexpr const char* kStatesCommand = "show stat -1 2 -1";
constexpr const char* kReloadsCommand = "show reloads";

std::string states_of_nodes(const tandem::StatsReply& stats) {
  std::string all;
  for (const auto& row : stats.rows())
    if (row.object().starts_with("node ") &&
        (row.name() == "state" || row.name() == "in_sync" || row.name() == "configuration"))
      all += row.object() + row.name() + row.text() + std::to_string(row.value()) + '\n';
  return all;
}

int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(base::wall_now().time_since_epoch()).count();
}

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

Collector::Collector(base::Loop& loop, const SocketPaths& paths, Indices& indices, Ready ready)
    : loop_(loop),
      paths_(paths),
      indices_(indices),
      ready_(std::move(ready)),
      lbd_(loop, paths.stats),
      vrrpd_(loop, paths.vrrpd,
             {.answered = [this] { link_answered(kVrrpd); }, .changed = [this] { changed_ = true; }}),
      syncd_(loop, paths.syncd,
             {.answered = [this] { link_answered(kSyncd); }, .changed = [this] { changed_ = true; }}),
      timer_(loop),
      patience_(loop) {
  timer_.bind<&Collector::on_timer>(this);
  patience_.bind<&Collector::finish>(this);
}

void Collector::start() {
  if (!paths_.vrrpd.empty()) vrrpd_.start();
  if (!paths_.syncd.empty()) syncd_.start();
  started_ = base::mono_now();
  timer_.start_after(kGlance);
}

// The first snapshot is how things are; that a link is about to come is no state.
bool Collector::too_early() const {
  const bool linked = (paths_.vrrpd.empty() || vrrpd_.up()) && (paths_.syncd.empty() || syncd_.up());
  return !linked && loop_.now() - started_ < kPatience;
}

void Collector::polled() {
  const base::MonoTime now = loop_.now();
  const bool fresh = now - std::exchange(asked_, now) < kInterest;
  // The first who asks after a long time need not wait for the next turn of the watch.
  if (!fresh && !next_ && now - taken_ > kPolled) timer_.start_after(base::Nanos(0));
}

void Collector::on_timer() {
  if (taken_ == base::MonoTime() && too_early()) return timer_.start_after(kGlance);
  const base::MonoTime now = loop_.now();
  const bool wanted = now - asked_ < kInterest;
  timer_.start_after(wanted ? pause() : base::Nanos(kWatch));
  if (next_) return;  // the last one is not complete yet
  if (wanted || changed_ || now - taken_ >= kIdle)
    refresh();
  else
    watch();
}

base::Nanos Collector::pause() const {
  return std::clamp<base::Nanos>(took_ * kShare, kPolled, kSlowest);
}

void Collector::watch() {
  if (syncd_.up()) syncd_.ask();
  if (paths_.stats.empty() || !lbd_.idle()) return;
  lbd_.ask(kReloadsCommand, [this](base::Result<std::string> answer) {
    if (!answer || *answer == reloads_) return;
    reloads_ = std::move(*answer);
    changed_ = true;
  });
  lbd_.ask(kStatesCommand, [this](base::Result<std::string> answer) {
    if (std::string now = answer ? digest_of_states(*answer) : std::string(); now != states_) {
      states_ = std::move(now);
      changed_ = true;
    }
    if (changed_ && !next_) refresh();
  });
}

void Collector::refresh() {
  changed_ = false;
  next_ = std::make_shared<Snapshot>();
  began_ = loop_.now();
  awaited_ = kLbd | kVrrpd | kSyncd;
  if (paths_.stats.empty()) awaited_ &= ~unsigned{kLbd};
  if (!vrrpd_.ask()) awaited_ &= ~unsigned{kVrrpd};
  if (!syncd_.ask()) awaited_ &= ~unsigned{kSyncd};
  if (!(awaited_ & kLbd)) return patience_.start_after(awaited_ ? base::Nanos(kPatience) : base::Nanos(0));
  lbd_.ask("show info", [this](base::Result<std::string> answer) {
    if (answer && read_info(*answer, *next_)) return;
    next_->daemon(DaemonKind::lbd).error = answer ? "no answer to 'show info'" : answer.error().text;
  });
  lbd_.ask(kReloadsCommand, [this](base::Result<std::string> answer) {
    if (answer) read_reloads(*answer, *next_);
  });
  lbd_.ask("show ids", [this](base::Result<std::string> answer) {
    if (answer) indices_.fix(read_ids(*answer));
  });
  lbd_.ask("show table", [this](base::Result<std::string> answer) {
    if (answer) read_tables(*answer, indices_, *next_);
  });
  lbd_.ask("show stat", [this](base::Result<std::string> answer) {
    if (answer) read_stat(*answer, indices_, *next_);
    ask_certificates();
  });
}

void Collector::ask_certificates() {
  const Daemon& lbd = next_->daemon(DaemonKind::lbd);
  const base::MonoTime now = loop_.now();
  if (!lbd.up) return lbd_done();
  if (certificates_of_ == lbd.pid && now - certificates_at_ < kCertificates) return lbd_done();
  certificates_of_ = lbd.pid;
  certificates_at_ = now;
  lbd_.ask("show ssl cert", [this](base::Result<std::string> list) {
    certificates_.clear();
    if (list)
      for (const std::string& path : read_certificate_list(*list))
        lbd_.ask("show ssl cert " + path, [this](base::Result<std::string> text) {
          Certificate certificate;
          if (text && read_certificate(*text, certificate)) {
            certificates_.push_back(certificate);
            if (!certificate.ocsp_key.empty()) ask_ocsp(certificate);
          }
          if (lbd_.idle()) lbd_done();
        });
    if (lbd_.idle()) lbd_done();
  });
}

void Collector::ask_ocsp(const Certificate& certificate) {
  lbd_.ask("show ssl ocsp-response " + certificate.ocsp_key,
           [this, path = certificate.path](base::Result<std::string> text) {
             for (Certificate& one : certificates_)
               if (text && one.path == path) read_ocsp(*text, unix_seconds(), one);
             if (lbd_.idle()) lbd_done();
           });
}

void Collector::lbd_done() {
  awaited_ &= ~unsigned{kLbd};
  next_->certificates = certificates_;
  std::sort(next_->certificates.begin(), next_->certificates.end(),
            [](const Certificate& a, const Certificate& b) { return a.path < b.path; });
  for (Certificate& one : next_->certificates) one.index = indices_.of("certificate", one.path);
  if (awaited_ == 0) return finish();
  patience_.start_after(kPatience);
}

void Collector::link_answered(unsigned bit) {
  if (bit == kSyncd) {
    if (std::string now = states_of_nodes(syncd_.stats()); now != nodes_) {
      nodes_ = std::move(now);
      changed_ = true;
    }
  }
  if (!next_ || !(awaited_ & bit)) return;
  awaited_ &= ~bit;
  if (awaited_ == 0) finish();
}

void Collector::describe(Daemon& daemon, const DaemonLink& link) const {
  daemon.up = link.up();
  if (!link.up()) {
    daemon.error = link.error();
    return;
  }
  daemon.version = link.hello().version();
  daemon.pid = link.hello().pid();
  daemon.generation = link.hello().generation();
}

void Collector::keep_starts(Daemon& daemon) {
  Daemon& known = known_[static_cast<size_t>(daemon.kind) - 1];
  if (daemon.up && daemon.generation != known.generation) {
    known.generation = daemon.generation;
    known.first_seen = loop_.now() - base::Seconds(std::max<int64_t>(daemon.uptime, 0));
    ++known.starts;
  }
  daemon.first_seen = known.first_seen;
  daemon.starts = known.starts;
}

void Collector::finish() {
  patience_.stop();
  std::shared_ptr<Snapshot> done = std::exchange(next_, nullptr);
  if (!done) return;
  done->taken = taken_ = loop_.now();
  done->taken_wall = base::wall_now();
  done->daemon(DaemonKind::lbd).configured = !paths_.stats.empty();
  done->daemon(DaemonKind::vrrpd).configured = !paths_.vrrpd.empty();
  done->daemon(DaemonKind::syncd).configured = !paths_.syncd.empty();
  describe(done->daemon(DaemonKind::vrrpd), vrrpd_);
  describe(done->daemon(DaemonKind::syncd), syncd_);
  done->transitions = vrrpd_.take_transitions();
  if (vrrpd_.up()) read_vrrp(vrrpd_.states(), vrrpd_.stats(), indices_, *done);
  if (syncd_.up()) read_sync(syncd_.stats(), indices_, *done);
  if (done->node.empty()) done->node = host_name();
  for (Daemon& daemon : done->daemons) keep_starts(daemon);
  ready_(std::move(done));
  took_ = base::mono_now() - began_;
}

}  // namespace snmp
