#include "vrrpd/netlink.h"

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/cache.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/rule.h>

#include <algorithm>

#include "base/log.h"

namespace vrrpd {
namespace {

constexpr int kReceiveBuffer = 1 << 20;
constexpr uint32_t kMainPreference = 32766;  // of the rule that leads to the main table
constexpr uint32_t kForever = UINT32_MAX;

struct CacheFree {
  void operator()(nl_cache* cache) const { nl_cache_free(cache); }
};
using CachePtr = std::unique_ptr<nl_cache, CacheFree>;

struct AddressPut {
  void operator()(rtnl_addr* address) const { rtnl_addr_put(address); }
};
using AddressPtr = std::unique_ptr<rtnl_addr, AddressPut>;

struct LinkPut {
  void operator()(rtnl_link* link) const { rtnl_link_put(link); }
};
using LinkPtr = std::unique_ptr<rtnl_link, LinkPut>;

struct NlAddrPut {
  void operator()(nl_addr* address) const { nl_addr_put(address); }
};
using NlAddrPtr = std::unique_ptr<nl_addr, NlAddrPut>;

base::Err failed(std::string_view what, int code) {
  base::Error error;
  error.code = base::Code::system;
  error.fault = base::Fault::system;
  error.text = fmt::format("{}: {}", what, nl_geterror(code));
  return base::Err(std::move(error));
}

int family_of(const base::IpAddr& ip) {
  return ip.is_v6() ? AF_INET6 : AF_INET;
}

NlAddrPtr nl_addr_of(const base::IpAddr& ip, int prefix) {
  NlAddrPtr address(nl_addr_build(family_of(ip), ip.bytes.data(), ip.length()));
  CHECK(address);
  nl_addr_set_prefixlen(address.get(), prefix);
  return address;
}

base::IpAddr ip_of(nl_addr* address) {
  base::IpAddr ip;
  if (!address) return ip;
  const unsigned length = nl_addr_get_len(address);
  if (length != 4 && length != 16) return ip;
  ip.family = length == 4 ? base::Family::v4 : base::Family::v6;
  const auto* bytes = static_cast<const uint8_t*>(nl_addr_get_binary_addr(address));
  std::copy_n(bytes, length, ip.bytes.begin());
  return ip;
}

base::IpAddr broadcast_of(const VirtualAddress& address) {
  const uint32_t host = address.prefix >= 32 ? 0 : UINT32_MAX >> address.prefix;
  return base::IpAddr::v4(address.ip.v4_host_order() | host);
}

AddressPtr rtnl_addr_of(const VirtualAddress& address, int interface) {
  AddressPtr made(rtnl_addr_alloc());
  CHECK(made);
  rtnl_addr* to = made.get();
  const bool v6 = address.ip.is_v6();
  rtnl_addr_set_ifindex(to, interface);
  rtnl_addr_set_family(to, family_of(address.ip));
  rtnl_addr_set_local(to, nl_addr_of(address.ip, address.prefix).get());
  if (address.peer) rtnl_addr_set_peer(to, nl_addr_of(*address.peer, address.prefix).get());
  rtnl_addr_set_scope(to, address.scope);
  if (!address.label.empty() && !v6) rtnl_addr_set_label(to, address.label.c_str());
  if (!v6 && (address.broadcast || address.broadcast_from_prefix))
    rtnl_addr_set_broadcast(to, nl_addr_of(address.broadcast.value_or(broadcast_of(address)), 32).get());

  unsigned flags = 0;
  // The address moves with the mastership: nobody else has it by the protocol, and waiting a second would be an outage.
  if (v6 && !address.duplicate_detection) flags |= IFA_F_NODAD;
  if (address.home) flags |= IFA_F_HOMEADDRESS;
  if (address.manage_temporary) flags |= IFA_F_MANAGETEMPADDR;
  if (address.no_prefix_route) flags |= IFA_F_NOPREFIXROUTE;
  if (address.auto_join) flags |= IFA_F_MCAUTOJOIN;
  if (flags) rtnl_addr_set_flags(to, flags);
  // A lone IPv6 address is not to become the source of the node's own connections.
  const uint32_t preferred = address.preferred_lft.value_or(v6 && address.prefix == 128 ? 0 : kForever);
  if (preferred != kForever) {
    rtnl_addr_set_valid_lifetime(to, kForever);
    rtnl_addr_set_preferred_lifetime(to, preferred);
  }
  return made;
}

}  // namespace

base::Result<NlSocket> NlSocket::open() {
  NlSocket opened;
  opened.socket_.reset(nl_socket_alloc());
  if (!opened.socket_) return failed("netlink socket", NLE_NOMEM);
  if (const int code = nl_connect(opened.get(), NETLINK_ROUTE); code < 0) return failed("netlink socket", code);
  (void)nl_socket_set_buffer_size(opened.get(), kReceiveBuffer, 0);
  return opened;
}

bool Interface::has(const base::IpAddr& ip) const {
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](const InterfaceAddress& address) { return address.prefix.ip == ip; });
}

base::Result<std::unique_ptr<Netlink>> Netlink::open(base::Loop& loop) {
  std::unique_ptr<Netlink> opened(new Netlink(loop));
  opened->command_ = TRY(NlSocket::open());
  opened->monitor_ = TRY(NlSocket::open());
  nl_sock* monitor = opened->monitor_.get();
  nl_socket_disable_seq_check(monitor);
  nl_socket_modify_cb(monitor, NL_CB_VALID, NL_CB_CUSTOM, &Netlink::on_message, opened.get());
  if (const int code = nl_socket_add_memberships(monitor, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0);
      code < 0)
    return failed("netlink groups", code);
  nl_socket_set_nonblocking(monitor);
  if (auto status = opened->look(); !status) return base::Err(status.error());
  opened->io_.bind<&Netlink::on_readable>(opened.get());
  opened->io_.start(nl_socket_get_fd(monitor), EV_READ);
  return opened;
}

const Interface* Netlink::find(std::string_view name) const {
  for (const auto& [index, interface] : interfaces_)
    if (interface.name == name) return &interface;
  return nullptr;
}

const Interface* Netlink::find(int index) const {
  const auto it = interfaces_.find(index);
  return it == interfaces_.end() ? nullptr : &it->second;
}

void Netlink::remove_observer(NetlinkObserver& observer) {
  std::replace(observers_.begin(), observers_.end(), &observer, static_cast<NetlinkObserver*>(nullptr));
  if (telling_ == 0) std::erase(observers_, nullptr);
}

template <typename Call>
void Netlink::tell(Call call) {
  if (quiet_) return;
  ++telling_;
  for (size_t i = 0; i < observers_.size(); ++i)
    if (observers_[i]) call(*observers_[i]);
  if (--telling_ == 0) std::erase(observers_, nullptr);
}

base::Result<bool> Netlink::add(const VirtualAddress& address, int interface) {
  const int code = rtnl_addr_add(command_.get(), rtnl_addr_of(address, interface).get(), NLM_F_EXCL);
  if (code == -NLE_EXIST) return false;
  if (code < 0) return failed("add address " + address.ip.to_string(), code);
  return true;
}

base::Status Netlink::remove(const VirtualAddress& address, int interface) {
  const int code = rtnl_addr_delete(command_.get(), rtnl_addr_of(address, interface).get(), 0);
  if (code < 0 && code != -NLE_NOADDR && code != -NLE_NODEV)
    return failed("remove address " + address.ip.to_string(), code);
  return {};
}

base::Result<int> Netlink::add_macvlan(const std::string& name, int lower, const MacAddress& mac) {
  const LinkPtr link(rtnl_link_macvlan_alloc());
  CHECK(link);
  rtnl_link_set_name(link.get(), name.c_str());
  rtnl_link_set_link(link.get(), lower);
  const NlAddrPtr address(nl_addr_build(AF_LLC, mac.data(), mac.size()));
  CHECK(address);
  rtnl_link_set_addr(link.get(), address.get());
  rtnl_link_macvlan_set_mode(link.get(), rtnl_link_macvlan_str2mode("private"));
  if (const int code = rtnl_link_add(command_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL); code < 0)
    return failed("make interface " + name, code);
  const auto index = static_cast<int>(if_nametoindex(name.c_str()));
  if (auto status = look_at(index); !status) return base::Err(status.error());
  return index;
}

base::Status Netlink::request(NlMessage message, std::string_view what) {
  const int code = nl_send_sync(command_.get(), message.release());
  if (code >= 0 || code == -NLE_EXIST || code == -NLE_OBJ_NOTFOUND || code == -NLE_NODEV) return {};
  return failed(what, code);
}

uint32_t Netlink::next_rule_preference(base::Family family) {
  nl_cache* raw = nullptr;
  const int wanted = family == base::Family::v6 ? AF_INET6 : AF_INET;
  if (rtnl_rule_alloc_cache(command_.get(), wanted, &raw) < 0) return 0;
  const CachePtr rules(raw);
  uint32_t least = kMainPreference;
  for (nl_object* object = nl_cache_get_first(raw); object; object = nl_cache_get_next(object)) {
    auto* rule = reinterpret_cast<rtnl_rule*>(object);
    const uint32_t preference = rtnl_rule_get_prio(rule);
    if (rtnl_rule_get_family(rule) == wanted && preference) least = std::min(least, preference);
  }
  return least - 1;
}

void Netlink::watch_routes() {
  if (std::exchange(watches_routes_, true)) return;
  const int code = nl_socket_add_memberships(monitor_.get(), RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
                                             RTNLGRP_IPV6_RULE, 0);
  if (code < 0) base::log(base::Level::warning, "routes are not watched: {}", nl_geterror(code));
}

base::Status Netlink::bring_up(int interface) {
  const LinkPtr link(rtnl_link_alloc()), change(rtnl_link_alloc());
  CHECK(link && change);
  rtnl_link_set_ifindex(link.get(), interface);
  rtnl_link_set_flags(change.get(), IFF_UP);
  if (const int code = rtnl_link_change(command_.get(), link.get(), change.get(), 0); code < 0)
    return failed("bring up interface", code);
  return look_at(interface);
}

base::Status Netlink::remove_link(int interface) {
  const LinkPtr link(rtnl_link_alloc());
  CHECK(link);
  rtnl_link_set_ifindex(link.get(), interface);
  const int code = rtnl_link_delete(command_.get(), link.get());
  interfaces_.erase(interface);
  if (code < 0 && code != -NLE_NODEV && code != -NLE_OBJ_NOTFOUND) return failed("remove interface", code);
  return {};
}

// Without telling anybody: for what the caller has made itself.
base::Status Netlink::look_at(int interface) {
  rtnl_link* raw = nullptr;
  if (const int code = rtnl_link_get_kernel(command_.get(), interface, nullptr, &raw); code < 0)
    return failed("look at interface", code);
  const LinkPtr link(raw);
  quiet_ = true;
  take_link(reinterpret_cast<nl_object*>(raw), false);
  quiet_ = false;
  return {};
}

// A full look; what is not there any more is reported gone.
base::Status Netlink::look() {
  nl_cache* raw = nullptr;
  if (const int code = rtnl_link_alloc_cache(command_.get(), AF_UNSPEC, &raw); code < 0) return failed("links", code);
  const CachePtr links(raw);
  if (const int code = rtnl_addr_alloc_cache(command_.get(), &raw); code < 0) return failed("addresses", code);
  const CachePtr addresses(raw);

  const std::map<int, Interface> before = std::exchange(interfaces_, {});
  quiet_ = true;
  for (nl_object* link = nl_cache_get_first(links.get()); link; link = nl_cache_get_next(link)) take_link(link, false);
  for (nl_object* address = nl_cache_get_first(addresses.get()); address; address = nl_cache_get_next(address))
    take_address(address, false);
  quiet_ = false;
  for (const auto& [index, interface] : before) {
    const Interface* now = find(index);
    if (!now) {
      tell([&](NetlinkObserver& observer) { observer.on_interface_gone(interface); });
      continue;
    }
    for (const InterfaceAddress& address : interface.addresses)
      if (!now->has(address.prefix.ip))
        tell([&](NetlinkObserver& observer) { observer.on_address_gone(*now, address.prefix.ip); });
  }
  for (const auto& [index, interface] : interfaces_)
    tell([&](NetlinkObserver& observer) { observer.on_interface(interface); });
  return {};
}

void Netlink::on_readable() {
  for (;;) {
    const int code = nl_recvmsgs_default(monitor_.get());
    if (code >= 0) continue;
    if (code == -NLE_AGAIN) return;
    base::log(base::Level::warning, "netlink: {}; looking at all interfaces again", nl_geterror(code));
    if (auto status = look(); !status) base::log(base::Level::err, "{}", status.error().text);
    if (code != -NLE_NOMEM) return;
  }
}

int Netlink::on_message(nl_msg* message, void* self) {
  auto* netlink = static_cast<Netlink*>(self);
  const nlmsghdr* header = nlmsg_hdr(message);
  netlink->gone_ = header->nlmsg_type == RTM_DELLINK || header->nlmsg_type == RTM_DELADDR;
  if (header->nlmsg_type == RTM_DELROUTE || header->nlmsg_type == RTM_DELRULE) {
    // Kernel routes come and go with addresses; those of routing daemons are many and not ours.
    const auto* route = static_cast<const rtmsg*>(nlmsg_data(header));
    const bool foreign = header->nlmsg_type == RTM_DELROUTE && route->rtm_protocol > RTPROT_STATIC &&
                         route->rtm_protocol != kRouteProtocol;
    if (!foreign) netlink->tell([](NetlinkObserver& observer) { observer.on_route_gone(); });
    return NL_OK;
  }
  // A port that leaves its bridge is a DELLINK too, of another family.
  if (header->nlmsg_type == RTM_NEWLINK || header->nlmsg_type == RTM_DELLINK) {
    const auto* link = static_cast<const ifinfomsg*>(nlmsg_data(header));
    if (link->ifi_family != AF_UNSPEC) return NL_OK;
  }
  nl_msg_parse(message, &Netlink::on_object, self);
  return NL_OK;
}

void Netlink::on_object(nl_object* object, void* self) {
  auto* netlink = static_cast<Netlink*>(self);
  const std::string_view type = nl_object_get_type(object);
  if (type == "route/link") netlink->take_link(object, netlink->gone_);
  if (type == "route/addr") netlink->take_address(object, netlink->gone_);
}

void Netlink::take_link(nl_object* object, bool gone) {
  auto* link = reinterpret_cast<rtnl_link*>(object);
  const int index = rtnl_link_get_ifindex(link);
  if (gone) {
    changes_.erase(index);
    const auto node = interfaces_.extract(index);
    if (!node.empty()) tell([&](NetlinkObserver& observer) { observer.on_interface_gone(node.mapped()); });
    return;
  }
  const bool fresh = !interfaces_.contains(index);
  Interface& interface = interfaces_[index];
  interface.index = index;
  if (const char* name = rtnl_link_get_name(link)) interface.name = name;
  interface.flags = rtnl_link_get_flags(link);
  settle(interface, fresh);
  interface.mtu = rtnl_link_get_mtu(link);
  interface.lower = rtnl_link_get_link(link);
  nl_addr* mac = rtnl_link_get_addr(link);
  interface.has_mac = mac && nl_addr_get_len(mac) == interface.mac.size() && !(interface.flags & IFF_LOOPBACK);
  if (interface.has_mac)
    std::copy_n(static_cast<const uint8_t*>(nl_addr_get_binary_addr(mac)), interface.mac.size(), interface.mac.begin());
  tell([&](NetlinkObserver& observer) { observer.on_interface(interface); });
}

void Netlink::settle(Interface& interface, bool fresh) {
  const bool linked = (interface.flags & IFF_UP) && (interface.flags & IFF_RUNNING);
  const auto delays = delays_.find(interface.name);
  base::Nanos delay{};
  if (delays != delays_.end()) delay = linked ? delays->second.up : delays->second.down;
  if (fresh || linked == interface.running || delay.count() == 0) {
    interface.running = linked;
    changes_.erase(interface.index);
  } else if (auto& change = changes_[interface.index]; !change) {
    change = std::make_unique<Change>(*this, interface.index);
    change->wait.start_after(delay);
  }
}

void Netlink::Change::on_over() {
  Netlink& owner = netlink;
  const auto found = owner.interfaces_.find(interface);
  owner.changes_.erase(interface);  // this one
  if (found == owner.interfaces_.end()) return;
  Interface& changed = found->second;
  changed.running = !changed.running;
  owner.tell([&](NetlinkObserver& observer) { observer.on_interface(changed); });
}

void Netlink::take_address(nl_object* object, bool gone) {
  auto* message = reinterpret_cast<rtnl_addr*>(object);
  const auto it = interfaces_.find(rtnl_addr_get_ifindex(message));
  if (it == interfaces_.end()) return;
  Interface& interface = it->second;

  InterfaceAddress address;
  address.prefix.ip = ip_of(rtnl_addr_get_local(message));
  address.prefix.length = static_cast<uint8_t>(rtnl_addr_get_prefixlen(message));
  address.scope = static_cast<uint8_t>(rtnl_addr_get_scope(message));
  address.tentative = rtnl_addr_get_flags(message) & (IFA_F_TENTATIVE | IFA_F_DADFAILED);
  if (address.prefix.ip.family == base::Family::none) return;

  auto& all = interface.addresses;
  const auto known =
      std::find_if(all.begin(), all.end(), [&](const InterfaceAddress& each) { return each.prefix == address.prefix; });
  if (gone) {
    if (known == all.end()) return;
    all.erase(known);
    tell([&](NetlinkObserver& observer) { observer.on_address_gone(interface, address.prefix.ip); });
  } else if (known == all.end()) {
    all.push_back(address);
  } else if (*known == address) {
    return;  // only a lifetime moved
  } else {
    *known = address;
  }
  tell([&](NetlinkObserver& observer) { observer.on_interface(interface); });
}

}  // namespace vrrpd
