// What two nodes compare to see that they have the same configuration: a digest of what stands in the files, without
// comments and how blanks are set, and without the lines that name the node itself. Variables count as they are
// written, so the same file with other values in the environment is the same configuration.
// Pure. Thread: any.
#pragma once

#include <string>
#include <vector>

#include "cfg/source.h"

namespace lbd::link {

// 16 bytes.
std::string configuration_digest(const cfg::SourceSet& sources);

// The same of each file, by its name.
struct FileDigest {
  std::string name, digest;
};
std::vector<FileDigest> file_digests(const cfg::SourceSet& sources);
// As lines of an outline (lbd/config/outline.h): "file NAME DIGEST", with tabs.
std::string digest_outline(const cfg::SourceSet& sources);

}  // namespace lbd::link
