// The command line of lbsnmpd. Pure. Errors: what is wrong with it, in words.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "snmp/collector.h"

namespace snmp {

struct Options {
  SocketPaths sockets;
  std::string master = "/var/agentx/master";
  std::string state = "/var/lib/tandem/snmp-indices";
  std::string user, group, pidfile;
  bool background = false, quiet = false;
  bool list_objects = false, show_version = false, show_help = false;
};

base::Result<Options> parse_options(const std::vector<std::string>& words);
std::string usage();

}  // namespace snmp
