// What a node says of its virtual routers to the vrrpd of the others (VrrpWord of proto/vrrp.proto), read: what comes
// is of another program on another machine, so what makes no sense is left out, and numbers have their limits. Pure.
// Times: monotonic, of this node.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/addr.h"
#include "proto/vrrp.pb.h"
#include "vrrpd/dual_active.h"
#include "vrrpd/fsm.h"

namespace vrrpd {

// A VRID may be in use on several links; the addresses are in use once.
struct RouterId {
  uint8_t vrid = 0;
  base::IpAddr address;  // the lowest virtual one
  auto operator<=>(const RouterId&) const = default;
};

// What a node says of one router.
struct RouterWord {
  State state = State::init;
  uint8_t priority = 0;
  base::Nanos interval{};
  base::IpAddr source;
  Mastership mastership;               // its last one
  bool heir = false;                   // it is about to give the addresses to this node
  std::vector<base::IpAddr> drain_to;  // where connections that are open go on then, one of each family
  base::Nanos drain{};                 // for so long at most; 0: they end
  bool drains = false;                 // they do, or will
  bool prepared = false;               // of the heir: it will send on what belongs to them
  bool wants = false;                  // a backup is about to preempt, and asks first
  bool recalls = false;                // a backup's operator wants the addresses there
};
using Words = std::map<RouterId, RouterWord>;

// A router that cannot be one is not among them.
Words words_of(const tandem::VrrpWord& word, base::MonoTime now);
RouterId id_of(const tandem::VrrpWord::Router& router);

tandem::VrrpState proto_state(State state);
std::string bytes_of(const base::IpAddr& ip);

}  // namespace vrrpd
