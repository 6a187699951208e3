#include "vrrpd/advert_path.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace vrrpd {
namespace {

const base::IpAddr kGroupV4 = base::IpAddr::v4(0xe0000012);
constexpr base::IpAddr kGroupV6{base::Family::v6, {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12}};

// The address that the kernel would send from, for unicast instances without interface and source.
base::IpAddr routed_source(const base::IpAddr& destination) {
  const base::Fd probe(socket(destination.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const base::SockAddr to({destination, kProtocol});
  if (!probe || connect(probe.get(), to.sa(), to.length()) != 0) return {};
  return base::SockAddr::local_of(probe.get()).ip_port().ip;
}

}  // namespace

void AdvertPath::configure(const InstanceConfig& own) {
  expected_.version = own.version;
  expected_.interval = std::chrono::duration_cast<Centis>(own.interval);
  expected_.auth = static_cast<AuthType>(own.auth_type);
  expected_.password = own.password();
  expected_.check_addresses = !own.skip_check_addresses.value_or(false);
  advert_.version = own.version;
  advert_.vrid = own.vrid;
  advert_.interval = expected_.interval;
  advert_.auth_type = own.auth_type;
  advert_.password = expected_.password;
  advert_.addresses.clear();
  for (const VirtualAddress& address : own.addresses)
    if (address.ip.family == family_) advert_.addresses.push_back(address.ip);
  expected_.addresses = advert_.addresses;
  std::sort(expected_.addresses.begin(), expected_.addresses.end());
  plain_ = own.v3_checksum_plain;
  ttl_ = own.peers.empty() ? kTtl : own.unicast_ttl;
}

void AdvertPath::find_destinations(const Config& config, const InstanceConfig& own) {
  destinations_.clear();
  if (!own.speaks(family_)) return;
  const bool v6 = family_ == base::Family::v6;
  if (!own.peers.empty()) {
    for (const UnicastPeer& peer : own.peers)
      if (peer.ip.family == family_) destinations_.push_back(peer.ip);
  } else if (family_ == own.family && own.group) {
    destinations_.push_back(*own.group);
  } else {
    const auto& group = v6 ? config.global.group_v6 : config.global.group_v4;
    destinations_.push_back(group.value_or(v6 ? kGroupV6 : kGroupV4));
  }
}

void AdvertPath::refresh(const Ground& ground) {
  const InstanceConfig& own = ground.own;
  const bool unicast = !own.peers.empty();
  find_destinations(ground.config, own);
  fault_.clear();
  source_ = find_source(ground);
  if (destinations_.empty()) return socket_.reset();
  SocketKey key{.family = family_};
  if (ground.interface) {
    key.interface = ground.interface->index;
    key.interface_name = ground.interface->name;
  }
  if (!unicast) {
    key.group = destinations_.front();
    key.capture = ground.vmac != nullptr;
    if (ground.vmac && !own.vmac.transmit_base) {
      key.via = ground.vmac->index();
      key.via_name = ground.vmac->name();
    }
  }
  if (!socket_ || socket_->key() != key) {
    auto opened = sockets_.get(key);
    if (!opened) {
      fault_ = opened.error().text;
      socket_.reset();
      return;
    }
    socket_ = std::move(opened).value();
  }
  if (source_.family == base::Family::none)
    fault_ = fmt::format("no {} address on {} to send from", family_ == base::Family::v6 ? "usable link-local" : "IPv4",
                         own.interface);
  else if (own.track_source && ground.interface && !ground.interface->has(source_))
    fault_ = fmt::format("source address {} is not there", source_.to_string());
}

base::IpAddr AdvertPath::find_source(const Ground& ground) const {
  const InstanceConfig& own = ground.own;
  if (own.source && own.source->family == family_) return *own.source;
  const auto peer = std::find_if(own.peers.begin(), own.peers.end(),
                                 [&](const UnicastPeer& each) { return each.ip.family == family_; });
  const bool unicast = peer != own.peers.end();
  if (!ground.interface) return unicast ? routed_source(peer->ip) : base::IpAddr();
  const bool owner = own.priority == kOwnerPriority;  // it may speak from the address that it owns
  const bool wants_global = unicast && !peer->ip.is_link_local();
  const auto usable = [&](const InterfaceAddress& address) {
    const base::IpAddr& ip = address.prefix.ip;
    if (address.tentative || ip.family != family_ || (ground.vips.contains(ip) && !owner)) return false;
    for (const InstanceConfig& other : ground.config.instances)
      for (const auto* list : {&other.addresses, &other.addresses_excluded})
        for (const VirtualAddress& virtual_address : *list)
          if (virtual_address.ip == ip && !owner) return false;
    return family_ == base::Family::v4 || ip.is_link_local() != wants_global;
  };
  // The present one stays as long as it is there.
  for (const InterfaceAddress& address : ground.interface->addresses)
    if (address.prefix.ip == source_ && usable(address)) return source_;
  for (const InterfaceAddress& address : ground.interface->addresses)
    if (usable(address)) return address.prefix.ip;
  return {};
}

void AdvertPath::drain() const {
  if (socket_) socket_->drain();
}

base::Status AdvertPath::send_to(const base::IpAddr& destination, uint8_t priority) {
  advert_.priority = priority;
  const Path path{source_, destination, ttl_};
  return socket_->send(encode(advert_, path, plain_ ? ChecksumForm::plain : peer_form_), path);
}

}  // namespace vrrpd
