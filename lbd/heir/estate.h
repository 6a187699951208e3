// Estate: what of an lbd is there for the one that comes after it.
#pragma once

#include "lbd/link/link.h"
#include "lbd/stream/engine.h"

namespace lbd::heir {

struct Estate {
  const config::Config& config;
  server::Objects& objects;
  stats::Statistics& statistics;
  table::Tables& tables;
  stream::Engine& engine;
  link::Link& link;
};

}  // namespace lbd::heir
