// What lbd says of itself to vrrpd and lbctl: a summary of backends and servers, and the pulse of the workers.
// Pure reading of atomics and of what belongs to the control thread. Thread: control thread.
#pragma once

#include "lbd/check/scheduler.h"
#include "lbd/link/pulse.h"
#include "lbd/server/objects.h"
#include "proto/envelope.pb.h"

namespace lbd::link {

struct HealthFacts {
  const server::Objects& objects;
  const check::Scheduler& checks;
  const Pulse& pulse;
  bool serving = true;
  bool learning = false;
  std::string certificates;  // certificates_digest()
  uint64_t published = 0;
  base::MonoTime now;
};

tandem::ProxyHealth make_health(const HealthFacts& facts);
// The same as rows of statistics.
tandem::StatsReply make_stats(const tandem::ProxyHealth& health, const tandem::Hello& hello);

}  // namespace lbd::link
