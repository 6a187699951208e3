// Vmac: the interface with the virtual MAC address of one virtual router, a private macvlan on top of the real one
// (use_vmac; RFC 9568 7.3: 00-00-5E-00-01-{VRID} for IPv4, 00-00-5E-00-02-{VRID} for IPv6). The addresses are put on it
// and adverts leave through it, so that the MAC address that clients know moves with the mastership and nobody has to
// learn another one.
//
// The real interface must not answer ARP for what is on the macvlan, nor ask in its name, which would teach its own MAC
// address: its arp_ignore and arp_announce are raised while one exists and restored with the last (ArpGuard, shared
// through the VmacPool). The macvlan itself sends nothing but adverts while
// its router is backup: no IPv6 autoconfiguration, no group memberships; else switches would learn its MAC at the wrong
// port. Life: of the instance; its end removes the interface. Thread: that of the loop.
// Errors: make() gives the kernel's word; an interface of that name that is none of ours is an error, too.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "vrrpd/config.h"
#include "vrrpd/netlink.h"

namespace vrrpd {

// The MAC address that the RFC gives to a virtual router.
MacAddress virtual_mac(base::Family family, uint8_t vrid);
// What the interface is called where the configuration gives no name: "vrrp.51", "vrrp6.51".
std::string vmac_name(const VirtualMacConfig& config, std::string_view prefix, base::Family family, uint8_t vrid);

class ArpGuard {
 public:
  explicit ArpGuard(std::string interface);
  ~ArpGuard();
  ArpGuard(const ArpGuard&) = delete;
  ArpGuard& operator=(const ArpGuard&) = delete;

 private:
  const std::string interface_;
  std::map<std::string, std::string> before_;  // of the settings that were not strict enough
};

class Vmac {
 public:
  Vmac(Netlink& netlink, int index, int base, std::string name, std::shared_ptr<ArpGuard> guard)
      : netlink_(netlink), index_(index), base_(base), name_(std::move(name)), guard_(std::move(guard)) {}
  ~Vmac();
  Vmac(const Vmac&) = delete;
  Vmac& operator=(const Vmac&) = delete;
  int index() const { return index_; }
  int base() const { return base_; }
  const std::string& name() const { return name_; }
  // The interface stays when this object goes.
  void leave() { index_ = 0; }

 private:
  Netlink& netlink_;
  int index_;
  const int base_;
  const std::string name_;
  const std::shared_ptr<ArpGuard> guard_;
};

class VmacPool {
 public:
  explicit VmacPool(Netlink& netlink) : netlink_(netlink) {}
  base::Result<std::unique_ptr<Vmac>> make(const Interface& base, const std::string& name, const MacAddress& mac);

 private:
  Netlink& netlink_;
  std::map<std::string, std::weak_ptr<ArpGuard>> guards_;
};

}  // namespace vrrpd
