// AdvertPath: how the adverts of one family leave for one virtual router, and what is demanded of those that come: the
// socket, the address they are sent from, the destinations, the form of checksum that the other side speaks, and the
// addresses that they name.
//
// An instance has one for its own family, and one for the other family if it has addresses of that: RFC 9568 (1.3)
// knows one family per virtual router, so each has adverts of its own, and one state stands behind both. A family of
// which all addresses are excluded has no adverts; its path only knows from where this node speaks.
// Life: that of its instance; configure() when the configuration has changed, refresh() then and when an
// interface or the addresses there have.
// Thread: that of the loop. Errors: fault() says why nothing can be sent; send() tells each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vrrpd/config.h"
#include "vrrpd/packet.h"
#include "vrrpd/socket.h"
#include "vrrpd/vip.h"
#include "vrrpd/vmac.h"

namespace vrrpd {

class AdvertPath {
 public:
  // What it stands on. `interface`: null for unicast without one; `vmac`: null for none.
  struct Ground {
    const Config& config;
    const InstanceConfig& own;
    const Interface* interface = nullptr;
    const Vmac* vmac = nullptr;
    const VipSet& vips;
  };

  AdvertPath(base::Family family, SocketPool& sockets) : family_(family), sockets_(sockets) {}
  // What adverts say; with or without an interface.
  void configure(const InstanceConfig& own);
  void refresh(const Ground& ground);
  void close() { socket_.reset(); }

  base::Family family() const { return family_; }
  const std::string& fault() const { return fault_; }
  // Of this node; family none: there is none.
  const base::IpAddr& source() const { return source_; }
  const AdvertSocket* socket() const { return socket_.get(); }
  // Receives what has arrived by now.
  void drain() const;
  // Of an advert that comes this way.
  const Expected& expected() const { return expected_; }
  void heard(ChecksumForm form, const base::IpAddr& source) {
    peer_form_ = form;
    last_source_ = source;
  }
  // Where the last valid advert came from; family none: there was none.
  const base::IpAddr& last_source() const { return last_source_; }
  // Calls sent() for each destination, failed(why) for those to which it could not go.
  template <typename Sent, typename Failed>
  void send(uint8_t priority, Sent sent, Failed failed) {
    if (!socket_ || source_.family == base::Family::none) return;
    for (const base::IpAddr& destination : destinations_) {
      const base::Status status = send_to(destination, priority);
      sent();
      if (!status) failed(status.error().text);
    }
  }

 private:
  void find_destinations(const Config& config, const InstanceConfig& own);
  base::IpAddr find_source(const Ground& ground) const;
  base::Status send_to(const base::IpAddr& destination, uint8_t priority);

  const base::Family family_;
  SocketPool& sockets_;
  std::shared_ptr<AdvertSocket> socket_;
  std::string fault_;
  base::IpAddr source_, last_source_;
  std::vector<base::IpAddr> destinations_;
  uint8_t ttl_ = kTtl;
  Advert advert_;  // but for its priority
  Expected expected_;
  bool plain_ = false;
  ChecksumForm peer_form_ = ChecksumForm::pseudo;
};

}  // namespace vrrpd
