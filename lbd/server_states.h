// ServerStates: the files with states of servers that the configuration names, read at start before the process gives
// up its rights, and given to the servers before traffic comes. A process that takes over from another one knows more
// from there, which then counts.
//
// Life: of a start. Thread: main. Errors: warnings in HAProxy's words; what cannot be read says nothing.
// Manual: 3.1 server-state-base, server-state-file; 4.2 load-server-state-from-file, server-state-file-name.
#pragma once

#include <map>
#include <string>

#include "cfg/diag.h"
#include "lbd/config/config.h"
#include "lbd/server/state_file.h"
#include "lbd/server/supervisor.h"

namespace lbd {

class ServerStates {
 public:
  void read(const config::Config& config, cfg::Diagnostics& diagnostics);
  // Null: nothing is known of it, or its backend does not want to know.
  const server::StateFile::Fields* find(const config::Proxy& proxy, const std::string& server) const;
  void apply(const server::Objects& objects, server::Supervisor& supervisor) const;

 private:
  std::map<const config::Proxy*, const server::StateFile*> file_of_;
  std::map<std::string, server::StateFile> files_;  // by path
};

}  // namespace lbd
