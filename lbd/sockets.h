// Sockets: every listening socket of a configuration, opened before the process gives up its rights or taken over from
// its predecessor: one per worker for each address of a bind line, one for each runtime socket.
//
// Life: opened by the main thread; the runtime takes the descriptors over. Errors: all of them are said, in HAProxy's
// words. Manual: 5.1, 3.1 stats socket.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "lbd/config/config.h"
#include "lbd/handover.h"

namespace lbd {

struct OpenBind {
  size_t proxy = 0;  // position in Config::proxies
  const config::Bind* bind = nullptr;
  const config::BindAddress* address = nullptr;
  std::vector<base::Fd> fds;  // at least one a worker, dealt out in turn
  std::string key;            // of the hand-over
};

struct OpenRuntimeSocket {
  base::Fd fd;
  config::CliLevel level = config::CliLevel::operator_;
  bool exposes_listeners = false;
  std::string severity;  // severity-output; "": none
  std::string address;   // as `show cli sockets` names it
};

// Of a log-forward section.
struct OpenLogSocket {
  size_t section = 0;                  // position in Config::log_forwards
  const config::Bind* bind = nullptr;  // null: datagrams
  base::Fd fd;
  std::string key;  // of the hand-over
};

struct OpenSockets {
  std::vector<OpenBind> binds;
  std::vector<OpenLogSocket> logs;
  std::vector<OpenRuntimeSocket> runtime;
  std::vector<std::string> errors;
};

// The network namespaces that the configuration names; before rights are given up.
base::Status open_namespaces(const config::Config& config);

// What `stock` has is taken over instead of being opened.
OpenSockets open_sockets(const config::Config& config, size_t workers, ListenerStock& stock);

}  // namespace lbd
