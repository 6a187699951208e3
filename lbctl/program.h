// The other programs of the package as a source of answers: the one beside this lbctl, or in PATH.
// Thread: main; it blocks until the program has ended. Errors: it cannot be started. What it says on standard error
// goes to ours.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace lbctl {

struct Ended {
  int code = 0;        // 128 + N: by signal N
  std::string output;  // standard output
};

// `name`: "lbd". `input`: all that it reads.
base::Result<Ended> run_program(const std::string& name, const std::vector<std::string>& arguments,
                                const std::string& input = {});

}  // namespace lbctl
