// AdvertSocket: the raw socket through which adverts of one family come and go, on one interface and to one multicast
// group, or unicast. Instances that share these share the socket; who is meant is decided by VRID above.
//
// IPv4 adverts carry a header of our own, so that source (mcast_src_ip may be any) and TTL are ours; IPv6 takes them
// as ancillary data. With a virtual MAC (vmac.h) adverts leave through its interface, and are received by a capture
// on the real one. Both receive the sender's TTL, which the validity rules need.
// Life: as long as one instance uses it. Thread: that of the loop. Errors: open() gives them; a send that fails is
// the caller's to log (the interface may be going down), a receive that fails is skipped.
#pragma once

#include <sys/socket.h>

#include <compare>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/addr.h"
#include "base/ev.h"
#include "base/fd.h"
#include "vrrpd/capture.h"

namespace vrrpd {

struct SocketKey {
  base::Family family = base::Family::v4;
  int interface = 0;  // 0: any (unicast without interface)
  std::string interface_name{};
  base::IpAddr group{};  // family none: unicast
  bool capture = false;  // receive beside the kernel's IP: there is a virtual MAC on the interface
  int via = 0;           // send through this one, which has the virtual MAC; 0: through the interface
  std::string via_name{};
  auto operator<=>(const SocketKey&) const = default;
};

class AdvertSocket;

class AdvertReceiver {
 public:
  virtual void on_message(AdvertSocket& socket, std::span<const uint8_t> message, const Path& path) = 0;

 protected:
  ~AdvertReceiver() = default;
};

class AdvertSocket {
 public:
  static base::Result<std::unique_ptr<AdvertSocket>> open(base::Loop& loop, const SocketKey& key,
                                                          AdvertReceiver& receiver);
  const SocketKey& key() const { return key_; }
  base::Status send(std::span<const uint8_t> message, const Path& path);
  // Receives what has arrived by now; for who is about to decide that nothing has.
  void drain();

 private:
  AdvertSocket(base::Loop& loop, const SocketKey& key, AdvertReceiver& receiver)
      : io_(loop), key_(key), receiver_(receiver) {}
  base::Status open_capture_sockets();
  base::Status prepare_v4();
  base::Status prepare_v6();
  base::Status send_v4(std::span<const uint8_t> message, const Path& path);
  base::Status send_v6(std::span<const uint8_t> message, const Path& path);
  std::optional<CapturedPacket> receive(std::span<const uint8_t> packet, msghdr& envelope) const;
  static std::optional<CapturedPacket> receive_v4(std::span<const uint8_t> packet);
  static CapturedPacket receive_v6(std::span<const uint8_t> packet, msghdr& envelope);
  bool wanted(const Path& path) const;

  base::IoWatcher io_;
  base::Fd fd_;  // sends, and receives if there is no capture
  base::Fd capture_;
  base::Fd member_;  // of the group on the interface, when fd_ is bound to another one
  const SocketKey key_;
  AdvertReceiver& receiver_;
};

// The sockets in use, by key.
class SocketPool {
 public:
  SocketPool(base::Loop& loop, AdvertReceiver& receiver) : loop_(loop), receiver_(receiver) {}
  base::Result<std::shared_ptr<AdvertSocket>> get(const SocketKey& key);

 private:
  base::Loop& loop_;
  AdvertReceiver& receiver_;
  std::map<SocketKey, std::weak_ptr<AdvertSocket>> sockets_;
};

}  // namespace vrrpd
