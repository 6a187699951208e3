// The numbers of syncd as rows (base/metric.h), and the answer to a StatsRequest made of them.
// Thread: that of the loop.
#pragma once

#include "base/metric.h"
#include "syncd/local.h"
#include "syncd/nodes.h"

namespace syncd {

// What the rows of the process read.
struct ProcessView {
  const replica::Store& store;
  const replica::PartStore& parts;
  const Nodes& nodes;
  const Local& local;
  base::MonoTime started;
};

tandem::StatsReply make_stats(const Config& config, const ProcessView& process);

}  // namespace syncd
