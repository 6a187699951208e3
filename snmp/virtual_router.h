// A virtual router of one family (Snapshot::families) as the standard MIBs see it: indices, the virtual MAC address,
// and enumerations that RFC 6527 and RFC 2787 share. Pure. Thread: any one. Errors: none.
#pragma once

#include <string>

#include "snmp/oid.h"
#include "snmp/snapshot.h"
#include "snmp/value.h"

namespace snmp {

inline const Oid kVrrp = {1, 3, 6, 1, 2, 1, 68};     // RFC 2787
inline const Oid kVrrpv3 = {1, 3, 6, 1, 2, 1, 207};  // RFC 6527

inline std::string octets_of(const base::IpAddr& ip) {
  return std::string(ip.bytes.begin(), ip.bytes.begin() + static_cast<std::ptrdiff_t>(ip.length()));
}
// RFC 9568, 7.3.
inline std::string virtual_mac(const VirtualRouter& router) {
  return {0, 0, 0x5e, 0, router.ipv6 ? '\x02' : '\x01', static_cast<char>(router.vrid)};
}
// initialize, backup, master: who is in fault has not begun.
inline Value operational_state(const VirtualRouter& router) {
  return Value(router.state == VrrpState::fault ? 1 : static_cast<int>(router.state));
}
inline Oid vrrpv3_index(const VirtualRouter& router) {
  return {router.if_index, router.vrid, router.ipv6 ? 2UL : 1UL};
}
inline Oid vrrp_index(const VirtualRouter& router) {
  return {router.if_index, router.vrid};
}

// vrrpv3StatisticsNewMasterReason: notMaster, priority, preempted, masterNoResponse.
inline Value new_master_reason(const VirtualRouter& router) {
  if (router.state != VrrpState::master) return Value(0);
  if (router.reason.find("silent") != router.reason.npos) return Value(3);
  return Value(router.reason.find("lower priority") != router.reason.npos ? 2 : 1);
}

}  // namespace snmp
