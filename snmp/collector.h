// Collector: makes snapshots of the daemons of this node, without waiting for any of them, and says when there is a new
// one.
//
// While somebody polls there is one every kPolled, or, of a large configuration, as often as leaves the daemons and
// lbsnmpd most of their time (kShare, up to kSlowest). Otherwise lbd is asked once in kWatch for the states of its
// backends only, and the whole is read when one of them, or something at vrrpd or syncd, has changed, or after kIdle:
// enough to notify of events within about a second, and no work for lbd that nobody looks at. Life: of the agent.
// Thread: that of the loop. Errors: a daemon that does not answer is not up in the snapshot.
#pragma once

#include <functional>
#include <string>

#include "snmp/daemon_link.h"
#include "snmp/indices.h"
#include "snmp/runtime_client.h"
#include "snmp/snapshot.h"

namespace snmp {

struct SocketPaths {
  std::string stats = "/run/haproxy/admin.sock";
  std::string vrrpd = "/run/tandem/vrrpd.sock";
  std::string syncd = "/run/tandem/syncd.sock";
};

class Collector {
 public:
  // `ready` may add to the snapshot before it is published.
  using Ready = std::function<void(std::shared_ptr<Snapshot>)>;
  Collector(base::Loop& loop, const SocketPaths& paths, Indices& indices, Ready ready);
  void start();
  // Somebody asks for values.
  void polled();

 private:
  static constexpr base::Millis kPolled{1500}, kWatch{1000};
  static constexpr base::Seconds kInterest{10}, kIdle{30}, kCertificates{60};
  static constexpr base::Millis kPatience{1000};  // with vrrpd and syncd
  static constexpr base::Millis kGlance{50};      // at whether they are linked, at the start

  static constexpr int kShare = 8;
  static constexpr base::Seconds kSlowest{8};

  void on_timer();
  bool too_early() const;
  base::Nanos pause() const;
  void refresh();
  void watch();
  void ask_certificates();
  void ask_ocsp(const Certificate& certificate);
  void lbd_done();
  void link_answered(unsigned bit);
  void finish();
  void describe(Daemon& daemon, const DaemonLink& link) const;
  void keep_starts(Daemon& daemon);

  base::Loop& loop_;
  const SocketPaths paths_;
  Indices& indices_;
  const Ready ready_;
  RuntimeClient lbd_;
  DaemonLink vrrpd_, syncd_;
  base::Timer timer_, patience_;
  std::shared_ptr<Snapshot> next_;  // what is being gathered
  unsigned awaited_ = 0;            // bits of daemons that have not answered
  bool changed_ = false;
  base::MonoTime started_{}, taken_{}, asked_{}, began_{};
  base::Nanos took_{0};  // the last one
  std::string states_;   // of lbd, as last watched
  std::string reloads_;  // likewise
  std::string nodes_;    // of syncd
  std::vector<Certificate> certificates_;
  base::MonoTime certificates_at_{};
  uint32_t certificates_of_ = 0;  // the process
  std::array<Daemon, 3> known_;
};

}  // namespace snmp
