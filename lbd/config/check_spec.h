// CheckSpec: the words that say how servers are checked, of a proxy or of a healthcheck section.
// Life: of the Config. Thread: any, once loaded. Manual: 4.2 option httpchk and the like, http-check, tcp-check.
#pragma once

#include <string>
#include <vector>

#include "cfg/statement.h"

namespace lbd::config {

// `option httpchk`, `option tcp-check`, … and the http-check / tcp-check lines, read by the check's row.
struct CheckSpec {
  std::string type = "tcp";           // tcp (plain connect), httpchk, tcp-check, mysql-check …
  std::vector<cfg::Word> arguments;   // of the option line
  std::vector<cfg::Statement> steps;  // http-check …, tcp-check …
  cfg::Location location;
};

// healthcheck NAME: for the servers that name it.
struct HealthCheck {
  std::string name;
  CheckSpec spec;
};

}  // namespace lbd::config
