// RingFile: what a ring holds, in a file too (`backing-file`), so that it can be read after a crash.
//
// It is text. The first line says where the next line will be put; there the oldest begins, once the file is full, and
// the newest end before it. Rests of lines that made room are empty lines. A file that is there already becomes
// PATH.bak, where that can be done. The file is mapped and its room is reserved, so that a full disk shows at the start
// and not later.
// Owner: the Ring, under whose lock put() is called. Errors: create(), with the reason. Manual: 3.9 backing-file.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lbd::log {

class RingFile {
 public:
  // `size`: bytes of the file.
  static base::Result<std::unique_ptr<RingFile>> create(const std::string& path, size_t size);
  ~RingFile();
  RingFile(const RingFile&) = delete;
  RingFile& operator=(const RingFile&) = delete;

  // Cut where it is longer than the file.
  void put(std::string_view line);

 private:
  RingFile(char* bytes, size_t size);
  void say_where();

  char* const bytes_;
  const size_t size_;
  size_t next_;
};

}  // namespace lbd::log
