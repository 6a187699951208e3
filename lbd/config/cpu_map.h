// CpuMap: which processors the threads run on. Manual: 3.1 cpu-map.
//
// Owner: Global. Thread: any, after load. Errors: words that are no set, with what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lbd::config {

class CpuMap {
 public:
  static constexpr uint32_t kMostThreads = 64, kMostCpus = 1024;

  // "[auto:]GROUP[/THREADS]" and the sets of processors behind it. What is wrong; nothing: it is done. A later line
  // replaces what an earlier one says of the same threads.
  std::optional<std::string> add(std::string_view threads, const std::vector<std::string_view>& cpus);
  // Of a thread, counted from 0; empty: where the system puts it.
  const std::vector<uint32_t>& of(uint32_t thread) const;

 private:
  std::vector<std::vector<uint32_t>> threads_;
};

}  // namespace lbd::config
