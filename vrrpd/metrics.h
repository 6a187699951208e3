// The numbers of an instance as rows, read by the link socket (StatsReply), the dump and the statistics file in loops.
// Rows are in metrics.cc; a counter that is new there appears everywhere. Thread: that of the loop.
#pragma once

#include "base/metric.h"
#include "base/registry.h"
#include "proto/envelope.pb.h"
#include "vrrpd/instance.h"

namespace vrrpd {

using InstanceMetric = base::MetricRow<Instance>;

void append_stats(const Instance& instance, tandem::StatsReply& reply);

}  // namespace vrrpd
