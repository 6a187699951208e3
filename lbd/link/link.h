// Link: lbd's ties to the other daemons of its node, in the control thread: the socket for vrrpd and the replication
// with syncd. Each works without the other, and lbd without both.
//
// Life: made when the objects stand; learn() before workers accept traffic; start() with them; drain() at a soft stop;
// stop() at the end. Thread: control thread. Errors: what cannot be opened is a notice.
// Paths: `tandem-link-socket` and `tandem-syncd-socket` in `global`.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "lbd/config/global.h"
#include "lbd/link/syncd.h"
#include "lbd/link/vrrpd.h"

namespace lbd::link {

// What is opened while the process still has its privileges and sees the whole file system: the socket for vrrpd, and,
// before a chroot, the directory where syncd's is.
struct Doors {
  std::optional<ipc::BoundUnix> vrrpd;  // none: another lbd serves it, or it cannot be (logged where it is news)
  base::Fd syncd_directory;
};
// `predecessors`: the processes that we replace (-sf, -st); `worker`: a master started us, and its other workers are
// predecessors too. Another lbd that lives keeps the socket.
Doors open_doors(const config::Global& global, const std::vector<pid_t>& predecessors = {}, bool worker = false);

class Link final : private VrrpObserver, private SyncdObserver {
 public:
  // `workers`: the mailbox of each worker's loop; they outlive this.
  // `leaving`: the addresses have gone to another node, and only connections that were open go on here; or that is
  // over.
  Link(base::Loop& control, const Subjects& subjects, const std::vector<base::Mailbox*>& workers, Doors doors,
       std::function<void(bool)> leaving);

  // Runs the loop until syncd has told what it knows, so that a server in maintenance gets no request after a restart
  // either; returns at once when there is no syncd, and after `most` at the latest, or a second when entries of
  // tables, maps and the like are being learnt. False: nothing was learnt.
  bool learn(base::Nanos most = base::Millis(250));
  void start();
  // Only what runs is finished from now on: vrrpd is told, or sent to our successor.
  void drain() { vrrpd_.drain(); }
  void stop(std::string_view reason);

  const tandem::VrrpStates& vrrp_states() const { return vrrpd_.vrrp_states(); }
  bool in_sync() const { return syncd_.complete(); }
  PartsLink& parts() { return syncd_.parts(); }

 private:
  void vrrp_changed(const tandem::VrrpStates& states) override;
  void vrrpd_told(const tandem::StatsReply& stats) override;
  void syncd_told(const tandem::StatsReply* stats) override;
  tandem::StatsReply own_stats(const tandem::StatsRequest& wanted) override { return vrrpd_.stats(wanted); }

  base::Loop& loop_;
  check::Scheduler& checks_;
  stats::Pair& pair_;
  Doors doors_;
  const std::function<void(bool)> leaving_;
  SyncdLink syncd_;
  VrrpdLink vrrpd_;
  base::Timer patience_;
  bool patient_ = false, extended_ = false;
  void on_patience();
};

}  // namespace lbd::link
