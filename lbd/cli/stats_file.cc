// dump stats-file: the counters of objects with a guid, for `stats-file` of a process that starts anew.
// Manual: management.txt 9.3 (3.0).
#include "lbd/stats/stats_file.h"

#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

void dump_stats_file(Invocation& invocation) {
  invocation.answer += stats::write_stats_file(invocation.services.statistics.source());
}

constexpr CommandRow kRows[] = {{.name = "dump stats-file",
                                 .doc = "dump stats for a stats-file",
                                 .level = Level::operator_,
                                 .run = dump_stats_file}};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
