#include "applyd/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "base/fd.h"

namespace applyd {
namespace {

// Where a link leads.
std::string target_of(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), ::free);
  return real ? real.get() : path;
}

base::Status replace_one(const std::string& path, const std::string& text) {
  const std::string target = target_of(path), beside = target + ".applied";
  struct stat was {};
  if (::stat(target.c_str(), &was) != 0) return base::Err(base::Error::from_errno(target));
  TRY(base::write_file_atomic(beside, text, was.st_mode & 07777));
  if (::chown(beside.c_str(), was.st_uid, was.st_gid) == 0 && ::rename(beside.c_str(), target.c_str()) == 0) return {};
  const base::Error error = base::Error::from_errno(target);
  ::unlink(beside.c_str());
  return base::Err(error);
}

}  // namespace

base::Result<Texts> Files::read() const {
  Texts texts;
  for (const auto& [daemon, path] : paths_) {
    auto text = base::read_file(path);
    if (text)
      texts[daemon] = std::move(*text);
    else if (text.error().sys != ENOENT)
      return base::Err(text.error());
  }
  return texts;
}

base::Status Files::replace(const Texts& texts) const {
  const Texts before = TRY(read());
  for (auto text = texts.begin(); text != texts.end(); ++text) {
    const base::Status replaced = replace_one(path(text->first), text->second);
    if (replaced) continue;
    for (auto done = texts.begin(); done != text; ++done) (void)replace_one(path(done->first), before.at(done->first));
    return replaced;
  }
  return {};
}

}  // namespace applyd
