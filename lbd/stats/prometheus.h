// The metrics for Prometheus (text format 0.0.4): what `http-request use-service prometheus-exporter` answers. A loop
// over the rows; names, labels and types are those of HAProxy 2.6's exporter.
//
// ?scope=global|frontend|backend|server|listener|sticktable (several; * for all, nothing for none) and ?no-maint
// choose. Thread: the control thread. Errors: an unknown scope is answered with 400.
#pragma once

#include "lbd/stats/page.h"

namespace lbd::stats {

Page prometheus_page(const PageRequest& request, const ProcessView& process);

}  // namespace lbd::stats
