// Link: lbd's ties to the other daemons of its node, in the control thread: the socket for vrrpd and the replication
// with syncd. Each works without the other, and lbd without both.
//
// Life: made when the objects stand; learn() before workers accept traffic; start() with them; drain() at a soft stop;
// stop() at the end. Thread: control thread. Errors: what cannot be opened is a notice.
// Paths: `tandem-link-socket` and `tandem-syncd-socket` in `global`.
#pragma once

#include <optional>
#include <vector>

#include "lbd/config/global.h"
#include "lbd/link/syncd.h"
#include "lbd/link/vrrpd.h"

namespace lbd::link {

// The socket for vrrpd, opened while the process still has its privileges. `predecessors`: the processes that we
// replace (-sf, -st, the former worker of the master); another lbd that lives keeps the socket. Nothing when there is
// none to serve, which is logged where it is news.
std::optional<ipc::BoundUnix> open_socket(const config::Global& global, const std::vector<pid_t>& predecessors);

class Link {
 public:
  // `workers`: the mailbox of each worker's loop; they outlive this.
  Link(base::Loop& control, const config::Global& global, const server::Objects& objects,
       server::Operator& the_operator, const std::vector<base::Mailbox*>& workers);

  // Runs the loop until syncd has told what it knows, so that a server in maintenance gets no request after a restart
  // either; returns at once when there is no syncd, and after `most` at the latest. False: nothing was learnt.
  bool learn(base::Nanos most = base::Millis(250));
  void start(std::optional<ipc::BoundUnix> socket);
  // The same without having opened the socket before.
  void start() { start(open_socket(global_, {})); }
  // Only what runs is finished from now on: vrrpd is told.
  void drain() { vrrpd_.set_stopping(); }
  void stop(std::string_view reason);

  const tandem::VrrpStates& vrrp_states() const { return vrrpd_.vrrp_states(); }
  bool in_sync() const { return syncd_.complete(); }

 private:
  base::Loop& loop_;
  const config::Global& global_;
  VrrpdLink vrrpd_;
  SyncdLink syncd_;
  base::Timer patience_;
  bool patient_ = false;
  void on_patience() { patient_ = false; }
};

}  // namespace lbd::link
