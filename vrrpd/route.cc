#include "vrrpd/route.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include <algorithm>

namespace vrrpd {
namespace {

uint8_t family_of(base::Family family) {
  return family == base::Family::v6 ? AF_INET6 : AF_INET;
}

void put_ip(nl_msg* message, int attribute, const base::IpAddr& ip) {
  CHECK(nla_put(message, attribute, static_cast<int>(ip.length()), ip.bytes.data()) == 0);
}
void put_u32(nl_msg* message, int attribute, uint32_t value) {
  CHECK(nla_put_u32(message, attribute, value) == 0);
}

uint8_t scope_of(const Route& route) {
  if (route.scope) return *route.scope;
  if (route.type == RTN_LOCAL || route.type == RTN_NAT) return RT_SCOPE_HOST;
  const bool gateway = std::any_of(route.hops.begin(), route.hops.end(), [](const NextHop& hop) { return hop.via; });
  return route.type == RTN_UNICAST && !gateway && !route.hops.empty() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

// A gateway of the other family has an attribute of its own.
void put_gateway(nl_msg* message, const base::IpAddr& via, base::Family family) {
  if (via.family == family) return put_ip(message, RTA_GATEWAY, via);
  std::vector<uint8_t> bytes(sizeof(rtvia));
  const uint16_t other = family_of(via.family);
  std::copy_n(reinterpret_cast<const uint8_t*>(&other), sizeof other, bytes.begin());
  bytes.insert(bytes.end(), via.bytes.begin(), via.bytes.begin() + static_cast<ptrdiff_t>(via.length()));
  CHECK(nla_put(message, RTA_VIA, static_cast<int>(bytes.size()), bytes.data()) == 0);
}

// False: an interface is missing.
bool put_hops(nl_msg* message, const Route& route, const IndexOf& index_of) {
  if (route.hops.size() == 1) {
    const NextHop& hop = route.hops.front();
    if (hop.via) put_gateway(message, *hop.via, route.family);
    if (hop.device.empty()) return true;
    const int index = index_of(hop.device);
    if (index) put_u32(message, RTA_OIF, static_cast<uint32_t>(index));
    return index != 0;
  }
  nlattr* all = nla_nest_start(message, RTA_MULTIPATH);
  CHECK(all);
  for (const NextHop& hop : route.hops) {
    auto* next = static_cast<rtnexthop*>(nlmsg_reserve(message, sizeof(rtnexthop), NLMSG_ALIGNTO));
    CHECK(next);
    *next = {};
    const auto begin = reinterpret_cast<char*>(next) - reinterpret_cast<char*>(nlmsg_hdr(message));
    next->rtnh_hops = static_cast<uint8_t>(hop.weight - 1);
    if (hop.on_link) next->rtnh_flags = RTNH_F_ONLINK;
    if (!hop.device.empty()) {
      next->rtnh_ifindex = index_of(hop.device);
      if (next->rtnh_ifindex == 0) return false;
    }
    if (hop.via) put_gateway(message, *hop.via, route.family);
    next->rtnh_len = static_cast<unsigned short>(nlmsg_hdr(message)->nlmsg_len - static_cast<unsigned>(begin));
  }
  nla_nest_end(message, all);
  return true;
}

NlMessage new_message(int type, bool add) {
  NlMessage message(nlmsg_alloc_simple(type, add ? NLM_F_CREATE | NLM_F_EXCL : 0));
  CHECK(message);
  return message;
}

template <typename Header>
void put_header(nl_msg* message, Header& header) {
  CHECK(nlmsg_append(message, &header, sizeof header, NLMSG_ALIGNTO) == 0);
}

void put_ports(nl_msg* message, int attribute, const PortRange& ports) {
  const fib_rule_port_range range{ports.first, ports.last};
  CHECK(nla_put(message, attribute, sizeof range, &range) == 0);
}

}  // namespace

bool Route::operator==(const Route& other) const {
  return family == other.family && to == other.to && type == other.type && hops == other.hops &&
         source == other.source && table == other.table && metric == other.metric && scope == other.scope &&
         protocol == other.protocol && tos == other.tos && preference == other.preference && metrics == other.metrics;
}

bool Rule::operator==(const Rule& other) const {
  return family == other.family && inverted == other.inverted && from == other.from && to == other.to &&
         in == other.in && out == other.out && mark == other.mark && mark_mask == other.mark_mask && tos == other.tos &&
         action == other.action && table == other.table && preference == other.preference && target == other.target &&
         suppress_prefix == other.suppress_prefix && users == other.users && ip_protocol == other.ip_protocol &&
         source_ports == other.source_ports && destination_ports == other.destination_ports && l3mdev == other.l3mdev;
}

NlMessage route_message(const Route& route, bool add, const IndexOf& index_of) {
  NlMessage message = new_message(add ? RTM_NEWROUTE : RTM_DELROUTE, add);
  rtmsg header{};
  header.rtm_family = family_of(route.family);
  header.rtm_dst_len = route.to.length;
  header.rtm_tos = route.tos;
  header.rtm_table = route.table > 255 ? uint8_t{RT_TABLE_UNSPEC} : static_cast<uint8_t>(route.table);
  header.rtm_protocol = route.protocol;
  header.rtm_scope = add ? scope_of(route) : uint8_t{RT_SCOPE_NOWHERE};
  header.rtm_type = route.type;
  if (route.hops.size() == 1 && route.hops.front().on_link) header.rtm_flags = RTNH_F_ONLINK;
  put_header(message.get(), header);
  if (route.to.ip.family != base::Family::none) put_ip(message.get(), RTA_DST, route.to.ip);
  put_u32(message.get(), RTA_TABLE, route.table);
  if (route.source) put_ip(message.get(), RTA_PREFSRC, *route.source);
  if (route.metric) put_u32(message.get(), RTA_PRIORITY, *route.metric);
  if (route.preference) CHECK(nla_put_u8(message.get(), RTA_PREF, *route.preference) == 0);
  if (!route.hops.empty() && !put_hops(message.get(), route, index_of)) return nullptr;
  if (add && !route.metrics.empty()) {
    nlattr* all = nla_nest_start(message.get(), RTA_METRICS);
    CHECK(all);
    for (const auto& [metric, value] : route.metrics) put_u32(message.get(), metric, value);
    nla_nest_end(message.get(), all);
  }
  return message;
}

NlMessage rule_message(const Rule& rule, bool add) {
  NlMessage message = new_message(add ? RTM_NEWRULE : RTM_DELRULE, add);
  fib_rule_hdr header{};
  header.family = family_of(rule.family);
  header.dst_len = rule.to ? rule.to->length : uint8_t{0};
  header.src_len = rule.from ? rule.from->length : uint8_t{0};
  header.tos = rule.tos;
  header.action = rule.action;
  const uint32_t table = rule.table.value_or(rule.action == FR_ACT_TO_TBL && !rule.l3mdev ? kMainTable : 0);
  header.table = table > 255 ? uint8_t{RT_TABLE_UNSPEC} : static_cast<uint8_t>(table);
  if (rule.inverted) header.flags = FIB_RULE_INVERT;
  nl_msg* to = message.get();
  put_header(to, header);
  if (rule.from) put_ip(to, FRA_SRC, rule.from->ip);
  if (rule.to) put_ip(to, FRA_DST, rule.to->ip);
  if (!rule.in.empty()) CHECK(nla_put_string(to, FRA_IIFNAME, rule.in.c_str()) == 0);
  if (!rule.out.empty()) CHECK(nla_put_string(to, FRA_OIFNAME, rule.out.c_str()) == 0);
  if (table) put_u32(to, FRA_TABLE, table);
  if (rule.mark) put_u32(to, FRA_FWMARK, *rule.mark);
  if (rule.mark_mask) put_u32(to, FRA_FWMASK, *rule.mark_mask);
  if (rule.preference) put_u32(to, FRA_PRIORITY, *rule.preference);
  if (rule.target) put_u32(to, FRA_GOTO, *rule.target);
  if (rule.suppress_prefix) put_u32(to, FRA_SUPPRESS_PREFIXLEN, *rule.suppress_prefix);
  if (rule.users) {
    const fib_rule_uid_range range{rule.users->first, rule.users->second};
    CHECK(nla_put(to, FRA_UID_RANGE, sizeof range, &range) == 0);
  }
  if (rule.ip_protocol) CHECK(nla_put_u8(to, FRA_IP_PROTO, *rule.ip_protocol) == 0);
  if (rule.source_ports) put_ports(to, FRA_SPORT_RANGE, *rule.source_ports);
  if (rule.destination_ports) put_ports(to, FRA_DPORT_RANGE, *rule.destination_ports);
  if (rule.l3mdev) CHECK(nla_put_u8(to, FRA_L3MDEV, 1) == 0);
  CHECK(nla_put_u8(to, FRA_PROTOCOL, kRouteProtocol) == 0);
  return message;
}

}  // namespace vrrpd
