// Commands of lbctl: rows.
#pragma once

#include <stdio.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lbctl {

// That of the package's lbd.cfg, or, where it is not there, the one that Debian's haproxy.cfg names.
inline std::string usual_stats_socket() {
  constexpr const char* kOurs = "/run/tandem/admin.sock";
  return access(kOurs, F_OK) == 0 ? kOurs : "/run/haproxy/admin.sock";
}

struct Sockets {
  std::string lbd = "/run/tandem/lbd-link.sock";
  std::string vrrpd = "/run/tandem/vrrpd.sock";
  std::string syncd = "/run/tandem/syncd.sock";
  std::string stats = usual_stats_socket();
  std::string master = "/run/tandem/master.sock";
  base::Millis patience{250};  // how long daemons may take to answer
};

struct Invocation {
  Sockets sockets;
  std::vector<std::string> words;  // with the command
};

struct CommandRow {
  std::string_view name;
  std::string_view doc;
  int (*run)(const Invocation& invocation);  // the exit code
};

inline void print(FILE* to, std::string_view text) {
  fwrite(text.data(), 1, text.size(), to);
}

}  // namespace lbctl
