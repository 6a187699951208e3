// The VRRP packets that an interface receives, taken before the kernel hands them to anybody: with a virtual MAC on top
// of the interface, adverts of other routers with the same MAC would reach the macvlan only, and joining their group
// there would make switches learn the MAC where it does not belong.
//
// open_capture() gives a packet socket that passes VRRP over one family only (a BPF program decides in the kernel);
// take_packet() judges what the kernel has not judged there. Pure but for open_capture().
#pragma once

#include <optional>
#include <span>

#include "base/addr.h"
#include "base/fd.h"
#include "vrrpd/packet.h"

namespace vrrpd {

base::Result<base::Fd> open_capture(base::Family family, int interface);
// For a raw socket that only sends: receives nothing.
base::Status close_reception(int fd);

struct CapturedPacket {
  std::span<const uint8_t> message;
  Path path;
};
// An IP packet as it came from the link, perhaps padded; nothing for fragments and what is no VRRP.
std::optional<CapturedPacket> take_packet(base::Family family, std::span<const uint8_t> packet);

}  // namespace vrrpd
