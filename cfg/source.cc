#include "cfg/source.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/fd.h"

namespace cfg {

Source::Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  for (size_t at = 0; at < text_.size();) {
    starts_.push_back(at);
    size_t end = text_.find('\n', at);
    if (end == std::string::npos) break;
    at = end + 1;
  }
}

std::string_view Source::line(uint32_t number) const {
  if (number == 0 || number > starts_.size()) return {};
  size_t begin = starts_[number - 1];
  size_t end = number < starts_.size() ? starts_[number] - 1 : text_.size();
  std::string_view line = std::string_view(text_).substr(begin, end - begin);
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  return line;
}

const Source* SourceSet::add(std::string name, std::string text) {
  sources_.push_back(std::make_unique<Source>(std::move(name), std::move(text)));
  return sources_.back().get();
}

base::Result<const Source*> SourceSet::read(const std::string& path) {
  return add(path, TRY(base::read_file(path)));
}

base::Result<std::vector<std::string>> expand_path(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return base::Err(base::Error::from_errno(path));
  if (!S_ISDIR(info.st_mode)) return std::vector<std::string>{path};
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(path.c_str()), closedir);
  if (!dir) return base::Err(base::Error::from_errno(path));
  std::vector<std::string> files;
  while (const dirent* entry = readdir(dir.get())) {
    std::string_view name = entry->d_name;
    if (name.starts_with('.') || !name.ends_with(".cfg")) continue;
    std::string file = path + (path.ends_with('/') ? "" : "/") + std::string(name);
    if (stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode)) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace cfg
