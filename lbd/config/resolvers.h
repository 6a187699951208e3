// `resolvers` sections: who is asked for the addresses of names at run time, and for how long answers count.
//
// Life: of the Config. Thread: any, since nothing changes. Errors: at the word, while it is read.
// Manual: configuration.txt 5.3.2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/time.h"
#include "cfg/statement.h"

namespace lbd::config {

struct NameServer {
  std::string name;
  base::IpPort address;
  bool stream = false;  // over TCP alone (tcp@); otherwise over UDP, and over TCP what was truncated
  cfg::Location location = {};
};

// dns-accept-family: addresses of which kind are asked for and taken.
struct Families {
  bool v4 = true, v6 = true;
  bool automatic = false;  // those of IPv6 where this machine has a route for it, at start
};

struct Resolvers {
  std::string name;
  cfg::Location location;
  std::vector<NameServer> name_servers;
  uint32_t payload = 512;  // accepted_payload_size
  uint32_t retries = 3;    // how often a question is asked
  // How long after the last good answer a bad one of its kind is not believed.
  base::Millis hold_nx{30000}, hold_timeout{30000}, hold_refused{30000}, hold_other{30000};
  base::Millis hold_valid{10000};  // how long do-resolve takes an answer for granted
  base::Millis hold_obsolete{0};   // how long a record stays that is in no answer any more
  base::Millis timeout_resolve{1000}, timeout_retry{1000};
  Families accepted = {};  // as the global section says
};

// The name servers of a file as resolv.conf(5) has it, named by their address as HAProxy names them.
std::vector<NameServer> parse_resolv_conf(std::string_view text);
inline constexpr char kResolvConf[] = "/etc/resolv.conf";

}  // namespace lbd::config
