#include "vrrpd/word.h"

#include <algorithm>
#include <cstring>

namespace vrrpd {
namespace {

State state_of(tandem::VrrpState state) {
  switch (state) {
    case tandem::VRRP_BACKUP:
      return State::backup;
    case tandem::VRRP_MASTER:
      return State::master;
    case tandem::VRRP_FAULT:
      return State::fault;
    default:
      return State::init;
  }
}

base::IpAddr address_of(const std::string& bytes) {
  base::IpAddr ip;
  if (bytes.size() != 4 && bytes.size() != 16) return ip;
  ip.family = bytes.size() == 16 ? base::Family::v6 : base::Family::v4;
  std::memcpy(ip.bytes.data(), bytes.data(), bytes.size());
  return ip;
}

// The first of each family.
std::vector<base::IpAddr> addresses_of(const google::protobuf::RepeatedPtrField<std::string>& all) {
  std::vector<base::IpAddr> addresses;
  for (const std::string& bytes : all) {
    const base::IpAddr ip = address_of(bytes);
    const auto same = [&](const base::IpAddr& each) { return each.family == ip.family; };
    if (ip.family != base::Family::none && std::none_of(addresses.begin(), addresses.end(), same))
      addresses.push_back(ip);
  }
  return addresses;
}

// Times in words are as old as the way here took: far less than a millisecond.
Mastership mastership_of(const tandem::VrrpWord::Router& router, base::MonoTime now) {
  constexpr uint64_t kMost = uint64_t{1} << 53;
  if (router.master_began_us() == 0 || router.master_began_us() > kMost) return {};
  const auto ago = [&](uint64_t micros) { return now - base::Micros(static_cast<int64_t>(micros)); };
  return {.began = ago(router.master_began_us()),
          .ended = router.master_ended_us() == 0 ? base::kNever
                                                 : ago(std::min(router.master_ended_us(), router.master_began_us()))};
}

base::Millis drain_of(const tandem::VrrpWord::Router& router) {
  constexpr uint32_t kMost = 24 * 3600 * 1000;
  return base::Millis(std::min(router.drain_ms(), kMost));
}

}  // namespace

RouterId id_of(const tandem::VrrpWord::Router& router) {
  return {static_cast<uint8_t>(router.virtual_router_id()), address_of(router.address())};
}

Words words_of(const tandem::VrrpWord& word, base::MonoTime now) {
  Words words;
  for (const auto& router : word.routers()) {
    if (router.virtual_router_id() > UINT8_MAX || router.priority() > UINT8_MAX || router.interval_us() == 0) continue;
    words[id_of(router)] = {.state = state_of(router.state()),
                            .priority = static_cast<uint8_t>(router.priority()),
                            .interval = base::Micros(router.interval_us()),
                            .source = address_of(router.source()),
                            .mastership = mastership_of(router, now),
                            .heir = !router.heir().empty() && router.heir() == word.here(),
                            .drain_to = addresses_of(router.drain_to()),
                            .drain = drain_of(router),
                            .drains = router.drains(),
                            .prepared = router.prepared(),
                            .wants = router.wants(),
                            .recalls = router.recalls()};
  }
  return words;
}

tandem::VrrpState proto_state(State state) {
  switch (state) {
    case State::init:
      return tandem::VRRP_INIT;
    case State::backup:
      return tandem::VRRP_BACKUP;
    case State::master:
      return tandem::VRRP_MASTER;
    case State::fault:
      return tandem::VRRP_FAULT;
  }
  return tandem::VRRP_INIT;
}

std::string bytes_of(const base::IpAddr& ip) {
  return {reinterpret_cast<const char*>(ip.bytes.data()), ip.is_v6() ? size_t{16} : size_t{4}};
}

}  // namespace vrrpd
