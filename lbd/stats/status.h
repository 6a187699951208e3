// The status of an object in HAProxy's words: UP, "DOWN 1/2", NOLB, DRAIN, "MAINT (via b/s)", "no check", OPEN.
// Thread: the control thread (it reads what health checks wrote).
#pragma once

#include <string>

#include "lbd/stats/metric.h"

namespace lbd::stats {

std::string status_text(const Object& object);

}  // namespace lbd::stats
