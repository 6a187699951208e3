// Fd: owns one file descriptor. Every descriptor in the tree lives in one of these or in an object that owns one.
#pragma once

#include <sys/types.h>

#include <string_view>
#include <utility>

#include "base/result.h"

namespace base {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

  Result<Fd> dup() const;  // close-on-exec
  static Status set_nonblock(int fd, bool on = true);
  static Status set_cloexec(int fd, bool on = true);

 private:
  int fd_ = -1;
};

// Both ends close-on-exec and non-blocking.
struct Pipe {
  Fd read, write;
  static Result<Pipe> open();
};

// The whole of a file; an Error that names the path otherwise.
Result<std::string> read_file(const std::string& path, size_t limit = 64u << 20);
// Writes through a temporary file and rename, so that a reader or a full disk never leaves half a file.
Status write_file_atomic(const std::string& path, std::string_view content, mode_t mode = 0644);

}  // namespace base
