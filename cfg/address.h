// Addresses as the language writes them: [family or kind '@'] host or path [':' port, range or offset].
//
//   1.2.3.4:80  *:80  :80  [::1]:80  ::1:80  ipv4@  ipv6@  host:80  host:8000-8010  host:+100  host:-100
//   /path  unix@path  abns@name  abnsz@name  fd@N  sockpair@N  udp@ udp4@ udp6@ tcp@ tcp4@ tcp6@  quic4@ quic6@
//   stream+…  dgram+…  (before any of these)
// ${NAME} and $NAME expand even outside quotes. The parts are only taken apart here: no name is looked up, nothing
// is opened; what a word permits (a range? no port?) is for its handler to say. HAProxy manual: section 4.2, "bind",
// and 5.2, "server". Pure. Thread: any. Errors complete "'word' …".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "cfg/environment.h"

namespace cfg {

struct Address {
  enum class Kind : uint8_t { ip, name, unix, abstract, abstract_short, fd, sockpair };
  enum class Socket : uint8_t { any, stream, datagram, quic };
  enum class Ports : uint8_t { none, fixed, range, offset };

  Kind kind = Kind::ip;
  Socket socket = Socket::any;
  base::Family family = base::Family::none;  // v4 or v6 when the text demands it, or the address is of it
  base::IpAddr ip;                           // Kind::ip
  std::string name;                          // host name, path or abstract name
  int fd = -1;
  bool wildcard = false;  // written as '*' or left out
  Ports ports = Ports::none;
  uint16_t port = 0, last_port = 0;  // equal unless a range
  int32_t port_offset = 0;
  std::string text;  // after the expansion of variables
};

base::Result<Address> parse_address(std::string_view text, const Environment& environment);
// Several, with commas between.
base::Result<std::vector<Address>> parse_addresses(std::string_view text, const Environment& environment);

}  // namespace cfg
