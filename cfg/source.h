// Source: the text of one configuration file with an index of its lines, and Location: a place in it.
//
// A SourceSet owns the sources; every Word, Statement and Location points into it, so the set lives as long as the
// model that was read from it (the Config keeps it). Lines and columns count from 1, columns are bytes.
// A directory stands for its *.cfg files in byte order, hidden ones left out (HAProxy management guide, "-f").
// Thread: built at load by one thread, afterwards immutable and readable by all.
// Errors: reading gives base::Error with the path; nothing else can fail.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cfg {

class Source {
 public:
  Source(std::string name, std::string text);
  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  uint32_t line_count() const { return static_cast<uint32_t>(starts_.size()); }
  // Without its line feed; empty beyond the end.
  std::string_view line(uint32_t number) const;
  bool ends_with_newline() const { return text_.empty() || text_.back() == '\n'; }

 private:
  std::string name_;
  std::string text_;
  std::vector<size_t> starts_;  // offset of each line
};

struct Location {
  const Source* source = nullptr;  // null: the command line, or no place at all
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t length = 0;
  std::string_view file() const { return source ? std::string_view(source->name()) : std::string_view(); }
};

class SourceSet {
 public:
  // The text is kept under the name that messages and ${.FILE} will show.
  const Source* add(std::string name, std::string text);
  base::Result<const Source*> read(const std::string& path);
  const std::vector<std::unique_ptr<Source>>& all() const { return sources_; }

 private:
  std::vector<std::unique_ptr<Source>> sources_;
};

// The path itself, or the *.cfg files of the directory that it names.
base::Result<std::vector<std::string>> expand_path(const std::string& path);

}  // namespace cfg
