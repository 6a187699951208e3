// outline(): what a configuration has to do with its surroundings, for tools that look at more than one file (`lbctl
// check`): where it listens and who its peers are. A line a fact, its words separated by tabs:
//
//   listen  FRONTEND ADDRESS PORT transparent|bound FILE:LINE     ADDRESS "*": of any address of the node
//   peer    SECTION NAME this|other ADDRESS PORT|-  FILE:LINE
//
// Pure. Thread: any.
#pragma once

#include <string>

#include "lbd/config/config.h"

namespace lbd::config {

std::string outline(const Config& config);

}  // namespace lbd::config
