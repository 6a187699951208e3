// Others: the counters of the lbd processes of other nodes, as they told them (lbd/link/counters.h), beside our own:
// `show stat nodes`.
//
// Only processes that are there count: one that ended takes its counters along, as a restart does.
// Life: that of Statistics. Thread: the control thread. Errors: none.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "lbd/stats/source.h"

namespace lbd::stats {

class Others {
 public:
  using Figures = std::map<int, uint64_t>;  // by column
  struct Process {
    std::string node;
    std::unordered_map<std::string, Figures> objects;  // by key_of()
  };

  // The name of an object between nodes; proxies and servers have no blank and no '/' in theirs.
  static std::string key_of(const Object& object);
  // Whether the column is one that is told: the counters.
  static bool tells(const Metric& metric, const Object& object);

  std::string here;  // what this node is called
  Process& at(uint64_t origin) { return processes_[origin]; }
  // Forgets those of which `there(origin)` says no.
  template <typename There>
  void keep(There there) {
    std::erase_if(processes_, [&](const auto& one) { return !there(one.first); });
  }
  const std::map<uint64_t, Process>& all() const { return processes_; }

 private:
  std::map<uint64_t, Process> processes_;
};

// CSV with the node in front: for each object a line of this node, as `show stat` has it, one of each other process
// with its counters, and the sum.
std::string render_nodes(const Source& source, const Others& others, const Selection& selection, base::MonoTime now);

}  // namespace lbd::stats
