// VrrpdLink: the socket on which lbd tells vrrpd (and lbctl) how it is: a health summary ten times a second, and the
// end of the connection when it dies. vrrpd tells back which of its instances are master.
//
// That there is no such socket is no error: lbd works alone.
// Life: start() to stop() or destruction. Thread: control thread.
#pragma once

#include <string>

#include "ipc/server.h"
#include "lbd/link/health.h"
#include "lbd/link/syncd.h"

namespace lbd::link {

class VrrpObserver {
 public:
  // What vrrpd says of its instances; none when it is not there.
  virtual void vrrp_changed(const tandem::VrrpStates& states) = 0;
  // Its figures, once a second.
  virtual void vrrpd_told(const tandem::StatsReply& stats) = 0;

 protected:
  ~VrrpObserver() = default;
};

class VrrpdLink final : public ipc::ServerEvents {
 public:
  static constexpr base::Millis kPeriod{100};

  VrrpdLink(base::Loop& loop, const Subjects& subjects, const SyncdLink& syncd,
            const std::vector<base::Mailbox*>& workers, const tandem::Hello& hello, VrrpObserver& observer);
  void start(ipc::BoundUnix socket);
  // No new traffic from now on: told at once. When a successor has the socket already (reload), vrrpd is sent there
  // instead: for it nothing stops.
  void drain();
  void stop(std::string_view reason);
  // What this lbd says of itself, with what is wanted beside the rows.
  tandem::StatsReply stats(const tandem::StatsRequest& wanted);
  // The last that vrrpd said; empty before.
  const tandem::VrrpStates& vrrp_states() const { return vrrp_states_; }

 private:
  std::string on_peer(ipc::Peer& peer) override;
  void on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) override;
  void on_peer_gone(ipc::Peer& peer, const std::string& reason) override;
  void on_timer();
  tandem::Envelope health();
  const std::string& certificates();

  const config::Config& config_;
  const table::Tables& tables_;
  const server::Objects& objects_;
  const check::Scheduler& checks_;
  const SyncdLink& syncd_;
  tls::Contexts* const contexts_;            // null where there is no TLS
  std::string certificates_;                 // their digest
  uint64_t certificates_seen_ = UINT64_MAX;  // of Contexts::changes()
  VrrpObserver& observer_;
  const tandem::Hello hello_;
  Pulse pulse_;
  ipc::Server server_;
  base::Timer timer_;
  bool serving_ = true;
  uint64_t published_ = 0;
  uint32_t beats_ = 0;
  tandem::VrrpStates vrrp_states_;
};

}  // namespace lbd::link
