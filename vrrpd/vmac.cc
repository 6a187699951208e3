#include "vrrpd/vmac.h"

#include <fmt/format.h>

#include "base/log.h"
#include "vrrpd/kernel.h"

namespace vrrpd {
namespace {

// "Reply only if the target is an address of the interface that was asked", "announce the best address of the
// interface that asks" (ip-sysctl).
constexpr const char* kOwnOnly = "1";
constexpr const char* kBestAddress = "2";

// Before the interface is up.
void prepare(const std::string& name) {
  set_kernel("ipv4", name, "arp_ignore", kOwnOnly);
  // Packets to the addresses come in here, but the way back to their senders is the real interface's. The stricter of
  // this value and that of `all` would count but for 2, which always wins.
  const auto all = get_kernel("ipv4", "all", "rp_filter");
  set_kernel("ipv4", name, "rp_filter", all == "0" ? "0" : "2");
  if (!get_kernel("ipv6", name, "accept_ra")) return;  // a kernel without IPv6
  set_kernel("ipv6", name, "addr_gen_mode", "1");      // no link-local address of its own
  set_kernel("ipv6", name, "accept_ra", "0");
  set_kernel("ipv6", name, "autoconf", "0");
}

}  // namespace

MacAddress virtual_mac(base::Family family, uint8_t vrid) {
  return {0x00, 0x00, 0x5e, 0x00, family == base::Family::v6 ? uint8_t{2} : uint8_t{1}, vrid};
}

std::string vmac_name(const VirtualMacConfig& config, std::string_view prefix, base::Family family, uint8_t vrid) {
  if (!config.name.empty()) return config.name;
  return fmt::format("{}{}.{}", prefix, family == base::Family::v6 ? "6" : "", vrid);
}

ArpGuard::ArpGuard(std::string interface) : interface_(std::move(interface)) {
  const auto raise = [&](const std::string& name, const std::string& value) {
    const auto now = get_kernel("ipv4", interface_, name);
    if (!now || *now >= value) return;
    before_[name] = *now;
    set_kernel("ipv4", interface_, name, value);
  };
  raise("arp_ignore", kOwnOnly);
  raise("arp_announce", kBestAddress);
}

ArpGuard::~ArpGuard() {
  for (const auto& [name, value] : before_)
    if (get_kernel("ipv4", interface_, name)) set_kernel("ipv4", interface_, name, value);
}

Vmac::~Vmac() {
  if (index_ == 0) return;
  if (auto status = netlink_.remove_link(index_); !status) base::log(base::Level::err, "{}", status.error().text);
}

base::Result<std::unique_ptr<Vmac>> VmacPool::make(const Interface& base, const std::string& name,
                                                   const MacAddress& mac) {
  // What an earlier process left behind: its addresses are not wanted.
  if (const Interface* old = netlink_.find(name)) {
    if (old->lower != base.index || old->mac != mac)
      return base::Err(fmt::format("interface {} exists and is not the virtual MAC of this router", name));
    if (auto status = netlink_.remove_link(old->index); !status) return base::Err(status.error());
  }
  const int base_index = base.index;
  std::weak_ptr<ArpGuard>& slot = guards_[base.name];
  auto guard = slot.lock();
  if (!guard) slot = guard = std::make_shared<ArpGuard>(base.name);
  const int index = TRY(netlink_.add_macvlan(name, base_index, mac));
  auto made = std::make_unique<Vmac>(netlink_, index, base_index, name, std::move(guard));
  prepare(name);
  if (auto status = netlink_.bring_up(index); !status) return base::Err(status.error());
  return made;
}

}  // namespace vrrpd
