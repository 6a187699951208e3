// A stats-file: counters of frontends, backends, listeners and servers as text, for a process that starts anew. Only
// objects with a `guid` are in it, since nothing else tells that an object is the same one.
//
// Blocks of lines as in a CSV, a kind each: "#fe guid,stot,bin,…", then a line for each object; "#be", "#li", "#srv".
// The columns have the names of `show stat`. What a reader does not know is left: columns, and objects that are gone.
// Thread: the control thread. Errors: of lines that make no sense, one text each; the others count.
// Manual: 3.1 stats-file (3.0); management.txt 9.3, dump stats-file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lbd/stats/source.h"

namespace lbd::stats {

std::string write_stats_file(const Source& source);

// Adds to what the processes before this one counted. What was wrong, at most a few lines.
std::vector<std::string> read_stats_file(std::string_view text, const Source& source, CounterBlocks& blocks);

}  // namespace lbd::stats
