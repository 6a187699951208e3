// Whether the files that are checked are those of the pair: which of them this lbd does not run yet, which are others
// on another node, and whether its vrrpd has the same virtual addresses.
//
// Files are compared by their digests (lbd/link/digest.h), in their order, since nodes may have them at other paths.
// Pure; any thread. Errors: none; who tells nothing is named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lbctl/query.h"

namespace lbctl {

struct FileDigest {
  std::string name, digest;  // as 32 hexadecimal digits
};
// The "file" lines of an outline of lbd; they are taken out of it.
std::vector<FileDigest> take_digests(std::string& outline);

struct PairRemark {
  std::string who;   // "this lbd", "lb2"
  std::string text;  // "runs these files"
  bool same = true;  // nothing to be done
};
// `files`: none when they are not good. `router`: the outline of vrrpd.
std::vector<PairRemark> compare_with_pair(const std::vector<FileDigest>& files, std::string_view router,
                                          const PairAnswers& pair);

}  // namespace lbctl
