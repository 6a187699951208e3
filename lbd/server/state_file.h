// StateFile: what `show servers state` wrote, read again: the states that servers had when another process served.
//
// Pure. Life: of a start. Thread: main. Errors: a file whose version or whose lines are not those of version 1 is
// nothing at all; a line with a value that cannot be is told apart from the others when it is interpreted. Texts are
// HAProxy 2.6's. Manual: 3.1 server-state-file; management.txt 9.3 "show servers state".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "lbd/server/server.h"

namespace lbd::server {

// A server as it was.
struct SavedServer {
  Operational operational = Operational::running;
  uint8_t admin = 0;
  uint32_t weight = 0, configured_weight = 0;
  base::Seconds since{0};  // its last change
  CheckStatus status = CheckStatus::initial;
  CheckResult result = CheckResult::none;
  bool checks_paused = false, agent_paused = false;  // on the runtime socket
  std::optional<uint16_t> port;
  std::string agent_address;  // "": as configured
  uint16_t agent_port = 0;    // 0: as configured
};

class StateFile {
 public:
  using Fields = std::vector<std::string>;
  // An error is what is wrong with the file, with a number: "corrupted … at line N".
  struct Problem {
    enum class Kind : uint8_t { none, version, corrupt } kind = Kind::none;
    size_t line = 0;  // behind that of the version
  };
  Problem parse(std::string_view text);

  // Null: the file says nothing of it. The first line about a server counts.
  const Fields* find(const std::string& backend, const std::string& server) const;
  size_t size() const { return lines_.size(); }

 private:
  std::map<std::pair<std::string, std::string>, Fields> lines_;
};

// The error names the first value that cannot be: "invalid srv_op_state value '4'".
base::Result<SavedServer> interpret(const StateFile::Fields& fields);
// The address that the server had; "": none.
std::string_view saved_address(const StateFile::Fields& fields);

}  // namespace lbd::server
