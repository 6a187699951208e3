// Round robin: servers take turns in proportion to their weights, strictly, whatever worker asks. Also what the hash
// algorithms fall back to when a request has nothing to hash. Manual: balance roundrobin, static-rr.
#pragma once

#include "lbd/balance/algorithm.h"

namespace lbd::balance {

class RoundRobin : public Algorithm {
 public:
  RoundRobin(const server::Backend& backend, uint32_t workers) : backend_(backend), cycles_(backend, workers) {}
  server::Server* take(const Request& request) override;

 private:
  // One turn of all servers in the rotation, and where it stands.
  struct Cycle {
    Cycle(const server::Backend& backend, const Cycle* before);
    std::vector<server::Server*> order;
    std::atomic<uint64_t> next{0};
  };

  const server::Backend& backend_;
  Snapshots<Cycle> cycles_;
};

}  // namespace lbd::balance
