// Where the other programs of the package are: beside this one, or else in PATH.
// Thread: any. Errors: none; the bare name when it is not beside.
#pragma once

#include <limits.h>
#include <unistd.h>

#include <array>
#include <string>

namespace base {

inline std::string program_beside(const std::string& name) {
  std::array<char, PATH_MAX> own;
  const ssize_t length = ::readlink("/proc/self/exe", own.data(), own.size());
  std::string path(own.data(), length > 0 ? static_cast<size_t>(length) : 0);
  path = path.substr(0, path.rfind('/') + 1) + name;
  return ::access(path.c_str(), X_OK) == 0 ? path : name;
}

}  // namespace base
