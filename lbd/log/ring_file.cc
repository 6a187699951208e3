#include "lbd/log/ring_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "base/fd.h"

namespace lbd::log {
namespace {

// "next 00000000000000000064\n"
constexpr size_t kHeader = 26;

}  // namespace

base::Result<std::unique_ptr<RingFile>> RingFile::create(const std::string& path, size_t size) {
  // Without the right to do that what was there is written over, as the manual says.
  static_cast<void>(std::rename(path.c_str(), (path + ".bak").c_str()));
  const base::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return base::Err(std::strerror(errno));
  size = std::max(size, 2 * kHeader);
  if (const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(size)); error != 0)
    return base::Err(std::strerror(error));
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return base::Err(std::strerror(errno));
  return std::unique_ptr<RingFile>(new RingFile(static_cast<char*>(mapped), size));
}

RingFile::RingFile(char* bytes, size_t size) : bytes_(bytes), size_(size), next_(kHeader) {
  std::memset(bytes_, '\n', size_);
  say_where();
}

RingFile::~RingFile() {
  ::munmap(bytes_, size_);
}

void RingFile::say_where() {
  fmt::format_to_n(bytes_, kHeader, "next {:020}\n", next_);
}

void RingFile::put(std::string_view line) {
  line = line.substr(0, size_ - kHeader - 1);
  if (next_ + line.size() + 1 > size_) {
    std::memset(bytes_ + next_, '\n', size_ - next_);
    next_ = kHeader;
  }
  std::replace_copy(line.begin(), line.end(), bytes_ + next_, '\n', ' ');
  next_ += line.size();
  // What is left of a line that has made room.
  char* rest = bytes_ + next_;
  std::fill(rest, std::find(rest, bytes_ + size_, '\n'), '\n');
  *rest = '\n';
  ++next_;
  say_where();
}

}  // namespace lbd::log
