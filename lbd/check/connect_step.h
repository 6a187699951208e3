// `http-check connect` and `tcp-check connect`: the words, and the Target that they make. Manual: 4.2.
#pragma once

#include <optional>
#include <string>

#include "cfg/args.h"
#include "lbd/check/check.h"

namespace lbd::check {

struct ConnectStep {
  Target target;
  std::string comment;
};

// The words behind `connect`. Nothing when something was reported.
std::optional<ConnectStep> parse_connect(cfg::Args& args);

}  // namespace lbd::check
