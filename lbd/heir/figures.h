// Figures: the counters of frontends, listeners, backends and servers, from one lbd to the next, by names: what is not
// there in the one or the other is left. What an heir is told stands for the testator and all before it, as of then;
// when it is told again, what was added since is added.
//
// Pure but for the counters. Thread: control thread. Errors: what makes no sense is left.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "lbd/server/counter_names.h"
#include "lbd/server/objects.h"
#include "lbd/stats/statistics.h"
#include "proto/succession.pb.h"

namespace lbd::heir {

// All that this process shows, in messages of some hundred objects.
void tell_figures(stats::Statistics& statistics, const std::function<void(const tandem::Bequest&)>& tell);

class InheritedFigures {
 public:
  explicit InheritedFigures(stats::Statistics& statistics);
  void take(const tandem::Figures& figures);

 private:
  struct Place {
    uint32_t slot = 0;
    server::Frontend* frontend = nullptr;
    server::Listener* listener = nullptr;
    server::Backend* backend = nullptr;
    server::Server* server = nullptr;
  };
  void take_object(std::span<const server::CounterName* const> counters, const tandem::Figures::Object& object);
  void take_process(const tandem::Figures& figures, const tandem::Figures::Object& object);
  // By how much it has grown since the last message.
  uint64_t growth(std::vector<uint64_t>& seen, size_t at, uint64_t value);

  stats::Statistics& statistics_;
  std::unordered_map<std::string, Place> places_;
  std::unordered_map<std::string, std::vector<uint64_t>> seen_;  // of each object, by the position of the name here
};

}  // namespace lbd::heir
