// Sockets: every listening socket of a configuration, opened before the process gives up its rights: one per worker
// for each address of a bind line, one for each runtime socket.
//
// Life: opened by the main thread; the runtime takes the descriptors over. Errors: all of them are said, in HAProxy's
// words. Manual: 5.1, 3.1 stats socket.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "lbd/config/config.h"

namespace lbd {

struct OpenBind {
  size_t proxy = 0;  // position in Config::proxies
  const config::Bind* bind = nullptr;
  uint32_t number = 0;        // of the listener in its proxy, from 1
  std::vector<base::Fd> fds;  // one a worker
};

struct OpenRuntimeSocket {
  base::Fd fd;
  config::CliLevel level = config::CliLevel::operator_;
  std::string address;  // as `show cli sockets` names it
};

struct OpenSockets {
  std::vector<OpenBind> binds;
  std::vector<OpenRuntimeSocket> runtime;
  std::vector<std::string> errors;
};

OpenSockets open_sockets(const config::Config& config, size_t workers);

}  // namespace lbd
