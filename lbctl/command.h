// Commands of lbctl: rows.
#pragma once

#include <stdio.h>

#include <string>
#include <string_view>
#include <vector>

namespace lbctl {

struct Sockets {
  std::string lbd = "/run/tandem/lbd-link.sock";
  std::string vrrpd = "/run/tandem/vrrpd.sock";
  std::string syncd = "/run/tandem/syncd.sock";
  std::string stats = "/run/haproxy/admin.sock";
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
