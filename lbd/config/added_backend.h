// A backend that comes at run time (`add backend`): what a section of the configuration would be that starts from a
// named defaults section, checked as one.
//
// Thread: any. Errors: as for the same section in a file. Manual: management.txt 9.3 (3.4), add backend.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "lbd/config/config.h"

namespace lbd::config {

struct AddedBackendLine {
  std::string name;
  std::string defaults;    // the section behind `from`
  std::string mode, guid;  // "": as the defaults section says
};

struct AddedBackend {
  // A configuration of its own, with the text that its words point into; what came from the defaults section points
  // into the configuration of the process.
  std::unique_ptr<Config> scope;
  Proxy& proxy() const { return *scope->proxies.front(); }
};

base::Result<AddedBackend> make_added_backend(const Config& config, const AddedBackendLine& line);

}  // namespace lbd::config
