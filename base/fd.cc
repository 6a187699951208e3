#include "base/fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace base {

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<Fd> Fd::dup() const {
  int copy = ::fcntl(fd_, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return Err(Error::from_errno("dup"));
  return Fd(copy);
}

Status Fd::set_nonblock(int fd, bool on) {
  int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return Err(Error::from_errno("fcntl"));
  int want = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (want != flags && ::fcntl(fd, F_SETFL, want) < 0) return Err(Error::from_errno("fcntl"));
  return {};
}

Status Fd::set_cloexec(int fd, bool on) {
  if (::fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) < 0) return Err(Error::from_errno("fcntl"));
  return {};
}

Result<Pipe> Pipe::open() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return Err(Error::from_errno("pipe"));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

Result<std::string> read_file(const std::string& path, size_t limit) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Err(Error::from_errno(path));
  std::string content;
  char block[65536];
  for (;;) {
    ssize_t n = ::read(fd.get(), block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Err(Error::from_errno(path));
    if (n == 0) return content;
    content.append(block, static_cast<size_t>(n));
    if (content.size() > limit) return Err(Error{Code::limit, Fault::input, Retry::no, 0, path + ": file too large"});
  }
}

Status write_file_atomic(const std::string& path, std::string_view content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return Err(Error::from_errno(path));
  auto fail = [&]() -> Status {
    Err err(Error::from_errno(path));
    ::unlink(temporary.c_str());
    return err;
  };
  while (!content.empty()) {
    ssize_t n = ::write(fd.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail();
    content.remove_prefix(static_cast<size_t>(n));
  }
  if (::fchmod(fd.get(), mode) < 0 || ::fsync(fd.get()) < 0 || ::rename(temporary.c_str(), path.c_str()) < 0)
    return fail();
  return {};
}

}  // namespace base
