// Routes and rules of policy routing as virtual_routes, virtual_rules, static_routes and static_rules name them, and
// the netlink messages that put them into the kernel and take them out (ip-route(8), ip-rule(8), rtnetlink(7)).
//
// Plain values and pure builders: the caller gives the index of each interface and sends the message.
#pragma once

#include <netlink/msg.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/addr.h"

namespace vrrpd {

inline constexpr uint8_t kRouteProtocol = 18;  // RTPROT_KEEPALIVED
inline constexpr uint32_t kMainTable = 254;

struct NextHop {
  std::optional<base::IpAddr> via;
  std::string device;  // empty: the kernel finds it
  unsigned weight = 1;
  bool on_link = false;
  bool operator==(const NextHop&) const = default;
};

struct Route {
  base::Family family = base::Family::v4;
  base::IpPrefix to{};  // family none: default
  uint8_t type = 1;     // RTN_UNICAST
  std::vector<NextHop> hops;
  std::optional<base::IpAddr> source;
  uint32_t table = kMainTable;
  std::optional<uint32_t> metric;
  std::optional<uint8_t> scope;  // nothing: what fits the type and the hops
  uint8_t protocol = kRouteProtocol;
  uint8_t tos = 0;
  std::optional<uint8_t> preference;                   // of IPv6 routers: RFC 4191
  std::vector<std::pair<uint16_t, uint32_t>> metrics;  // RTAX_MTU …; RTAX_LOCK is a mask of them
  std::string text;                                    // for the log
  bool operator==(const Route& other) const;
};

struct PortRange {
  uint16_t first = 0, last = 0;
  bool operator==(const PortRange&) const = default;
};

struct Rule {
  base::Family family = base::Family::v4;
  bool inverted = false;
  std::optional<base::IpPrefix> from, to;
  std::string in, out;  // interfaces
  std::optional<uint32_t> mark, mark_mask;
  uint8_t tos = 0;
  uint8_t action = 1;  // FR_ACT_TO_TBL
  std::optional<uint32_t> table;
  std::optional<uint32_t> preference, target;  // target: of goto
  std::optional<uint32_t> suppress_prefix;
  std::optional<std::pair<uint32_t, uint32_t>> users;
  std::optional<uint8_t> ip_protocol;
  std::optional<PortRange> source_ports, destination_ports;
  bool l3mdev = false;
  std::string text;  // for the log
  bool operator==(const Rule& other) const;
};

struct RoutesConfig {
  std::vector<Route> routes;
  std::vector<Rule> rules;
  bool empty() const { return routes.empty() && rules.empty(); }
  bool operator==(const RoutesConfig&) const = default;
};

struct NlMessageFree {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};
using NlMessage = std::unique_ptr<nl_msg, NlMessageFree>;

// 0: there is no such interface.
using IndexOf = std::function<int(const std::string& device)>;

// Nothing when an interface is missing.
NlMessage route_message(const Route& route, bool add, const IndexOf& index_of);
NlMessage rule_message(const Rule& rule, bool add);

}  // namespace vrrpd
