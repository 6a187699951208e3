// `ring` and `log-forward` sections: log messages that are kept, passed on to syslog servers over TCP, or received from
// elsewhere. Manual: 3.9, 3.10.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lbd/config/bind.h"
#include "lbd/config/global.h"
#include "lbd/config/proxy.h"

namespace lbd::config {

struct Ring {
  static constexpr size_t kLeastSize = 16384;
  std::string name, description;
  std::string format;         // of the lines in it; "": their text alone
  size_t size = kLeastSize;   // bytes
  size_t most_of_a_line = 0;  // maxlen; 0: the size
  std::string file;           // backing-file; "": none
  cfg::Location location;
  // What its servers, timeouts and messages belong to; in no list of proxies.
  std::unique_ptr<Proxy> proxy;
};

struct LogForward {
  std::string name;
  cfg::Location location;
  std::vector<std::unique_ptr<Bind>> streams, datagrams;
  std::vector<LogTarget> logs;
  bool log_global = false;
  uint32_t maxconn = 10;
  uint32_t backlog = 0;
  base::Millis client_timeout{0};  // 0: none
};

}  // namespace lbd::config
