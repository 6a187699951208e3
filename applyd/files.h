// Files: the files of this node that a change may replace, one a daemon, and how they are replaced: whole or not at
// all, with the owner and the rights that they had. Life: as long as the process. Thread: one. Errors: those of the
// file system, with the path.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace applyd {

// By daemon: "lbd", "vrrpd".
using Texts = std::map<std::string, std::string>;

class Files {
 public:
  explicit Files(std::map<std::string, std::string> paths) : paths_(std::move(paths)) {}

  bool knows(const std::string& daemon) const { return paths_.contains(daemon); }
  const std::string& path(const std::string& daemon) const { return paths_.at(daemon); }
  const std::map<std::string, std::string>& paths() const { return paths_; }
  // Of those that are there.
  base::Result<Texts> read() const;
  // Of all that are named, which must be there, or of none: when one fails, those before it are as they were.
  base::Status replace(const Texts& texts) const;

 private:
  const std::map<std::string, std::string> paths_;
};

}  // namespace applyd
