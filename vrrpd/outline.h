// outline(): what a configuration has to do with its surroundings, for tools that look at more than one file (`lbctl
// check`). A line a fact, its words separated by tabs:
//
//   vip     INSTANCE ADDRESS DEVICE FILE:LINE     also of virtual_ipaddress_excluded
//   source  INSTANCE ADDRESS - FILE:LINE          unicast_src_ip, mcast_src_ip
//   peer    INSTANCE ADDRESS - FILE:LINE          unicast_peer
//   device  INSTANCE NAME - FILE:LINE             the interface of the adverts
//
// Pure. Thread: any.
#pragma once

#include <string>

#include "vrrpd/config.h"

namespace vrrpd {

std::string outline(const Config& config);

}  // namespace vrrpd
