// The command line of vrrpd: keepalived's, as start scripts and units use it. What has no meaning here is accepted in
// silence if a start script cannot do without it. Pure. Errors: a text for standard error.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace vrrpd {

struct Options {
  std::string config = "/etc/keepalived/keepalived.conf";
  std::string config_id;  // empty: the node's name
  std::string pid_file = "/run/vrrpd.pid";
  std::string log_file;
  int facility = 3;  // daemon
  bool test = false, outline = false;
  bool foreground = false;
  bool log_console = false;
  bool log_detail = false;
  bool no_syslog = false;
  bool dump_config = false;
  bool keep_addresses = false;
  bool list_words = false;  // --words
  bool show_version = false;
  bool show_help = false;
  std::string signal_name;  // --signum
};

base::Result<Options> parse_options(const std::vector<std::string>& argv);
std::string usage();
// The number of the signal for STOP, RELOAD, DATA, STATS; 0 for an unknown name.
int signal_number(const std::string& name);

}  // namespace vrrpd
