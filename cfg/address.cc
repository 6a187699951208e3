#include "cfg/address.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "cfg/words.h"

namespace cfg {
namespace {

using base::Err;
using Kind = Address::Kind;
using Socket = Address::Socket;

struct Prefix {
  std::string_view text;
  Kind kind;
  Socket socket;
  base::Family family;
};

// Host prefixes are Kind::ip here: what follows may be an address or a name.
constexpr Prefix kPrefixes[] = {
    {"unix@", Kind::unix, Socket::any, base::Family::unix},
    {"uxst@", Kind::unix, Socket::stream, base::Family::unix},
    {"uxdg@", Kind::unix, Socket::datagram, base::Family::unix},
    {"abns@", Kind::abstract, Socket::any, base::Family::unix},
    {"abnsz@", Kind::abstract_short, Socket::any, base::Family::unix},
    {"fd@", Kind::fd, Socket::any, base::Family::none},
    {"sockpair@", Kind::sockpair, Socket::stream, base::Family::none},
    {"ip@", Kind::ip, Socket::any, base::Family::none},
    {"ipv4@", Kind::ip, Socket::any, base::Family::v4},
    {"ipv6@", Kind::ip, Socket::any, base::Family::v6},
    {"tcp@", Kind::ip, Socket::stream, base::Family::none},
    {"tcp4@", Kind::ip, Socket::stream, base::Family::v4},
    {"tcp6@", Kind::ip, Socket::stream, base::Family::v6},
    {"udp@", Kind::ip, Socket::datagram, base::Family::none},
    {"udp4@", Kind::ip, Socket::datagram, base::Family::v4},
    {"udp6@", Kind::ip, Socket::datagram, base::Family::v6},
    {"quic4@", Kind::ip, Socket::quic, base::Family::v4},
    {"quic6@", Kind::ip, Socket::quic, base::Family::v6},
};

// What stands before '@' but is no prefix of ours.
base::Status check_unknown_prefix(std::string_view rest) {
  size_t at = rest.find('@');
  if (at == std::string_view::npos || rest.substr(0, at).find_first_of(".:/[") != std::string_view::npos) return {};
  return Err(fmt::format("has the unknown address family '{}'", rest.substr(0, at + 1)));
}

base::Result<uint16_t> parse_port(std::string_view text) {
  auto port = base::parse_int<int32_t>(text);
  if (!port || *port < 0 || *port > 65535) return Err(fmt::format("has the invalid port '{}'", text));
  return static_cast<uint16_t>(*port);
}

base::Status read_ports(std::string_view text, Address& out) {
  if (text.starts_with('+') || text.starts_with('-')) {
    const bool minus = text[0] == '-';
    uint16_t shift = TRY(parse_port(text.substr(1)));
    out.ports = Address::Ports::offset;
    out.port_offset = minus ? -static_cast<int32_t>(shift) : shift;
    return {};
  }
  size_t dash = text.find('-');
  out.port = TRY(parse_port(text.substr(0, dash)));
  out.last_port = out.port;
  out.ports = Address::Ports::fixed;
  if (dash == std::string_view::npos) return {};
  out.last_port = TRY(parse_port(text.substr(dash + 1)));
  out.ports = Address::Ports::range;
  if (out.last_port < out.port) return Err(fmt::format("has the empty port range '{}'", text));
  return {};
}

// host[:ports]; the last colon ends the host unless brackets do.
base::Status read_host(std::string_view rest, Address& out) {
  std::string_view host = rest, ports;
  bool has_port = false;
  if (rest.starts_with('[')) {
    size_t close = rest.find(']');
    if (close == std::string_view::npos) return Err("lacks the closing bracket of the address");
    host = rest.substr(1, close - 1);
    std::string_view tail = rest.substr(close + 1);
    if (!tail.empty() && tail[0] != ':') return Err(fmt::format("has the unexpected text '{}' behind ']'", tail));
    has_port = !tail.empty();
    if (has_port) ports = tail.substr(1);
  } else if (size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
    host = rest.substr(0, colon);
    ports = rest.substr(colon + 1);
    has_port = true;
  }
  // "::1:" and "host:" name no port, which a family prefix or brackets would say more clearly.
  if (has_port && !ports.empty()) TRY(read_ports(ports, out));
  if (host.empty() || host == "*") {
    out.wildcard = true;
    out.kind = Kind::ip;
    out.ip = base::IpAddr::any(out.family == base::Family::v6 ? base::Family::v6 : base::Family::v4);
  } else if (auto ip = base::IpAddr::parse(host)) {
    out.kind = Kind::ip;
    out.ip = *ip;
    if (out.family != base::Family::none && out.family != ip->family)
      return Err(fmt::format("'{}' is not of the family that the prefix demands", host));
  } else {
    for (char c : host)
      if (!(base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '.' || c == '-' ||
            c == '_'))
        return Err(fmt::format("has the invalid address or host name '{}'", host));
    out.kind = Kind::name;
    out.name = host;
  }
  if (out.kind == Kind::ip) out.family = out.ip.family;
  return {};
}

}  // namespace

base::Result<Address> parse_address(std::string_view text, const Environment& environment) {
  Address out;
  if (!expand_variables(text, environment, out.text)) return Err("has an unmatched brace in the name of a variable");
  std::string_view rest = out.text;
  if (rest.starts_with("stream+")) {
    out.socket = Socket::stream;
    rest.remove_prefix(7);
  } else if (rest.starts_with("dgram+")) {
    out.socket = Socket::datagram;
    rest.remove_prefix(6);
  }
  if (rest.starts_with('/')) {
    out.kind = Kind::unix;
    out.family = base::Family::unix;
  }
  for (const Prefix& prefix : kPrefixes) {
    if (!rest.starts_with(prefix.text)) continue;
    rest.remove_prefix(prefix.text.size());
    out.kind = prefix.kind;
    if (prefix.socket != Socket::any) out.socket = prefix.socket;
    out.family = prefix.family;
    break;
  }
  switch (out.kind) {
    case Kind::unix:
    case Kind::abstract:
    case Kind::abstract_short:
      if (rest.empty()) return Err("lacks the path of the socket");
      if (rest.size() > 106) return Err(fmt::format("has too long a path for a socket: '{}' (at most 106)", rest));
      out.name = rest;
      return out;
    case Kind::fd:
    case Kind::sockpair: {
      auto fd = base::parse_int<int>(rest);
      if (!fd || *fd < 0) return Err(fmt::format("expects the number of a descriptor, not '{}'", rest));
      out.fd = *fd;
      return out;
    }
    case Kind::ip:
    case Kind::name:
      break;
  }
  TRY(check_unknown_prefix(rest));
  TRY(read_host(rest, out));
  return out;
}

base::Result<std::vector<Address>> parse_addresses(std::string_view text, const Environment& environment) {
  std::vector<Address> out;
  for (std::string_view part : base::split(text, ',')) out.push_back(TRY(parse_address(part, environment)));
  return out;
}

}  // namespace cfg
