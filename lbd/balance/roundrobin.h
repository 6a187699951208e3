// Round robin: servers take turns in proportion to their weights, strictly, whatever worker asks. Also what the hash
// algorithms fall back to when a request has nothing to hash. Manual: balance roundrobin, static-rr.
#pragma once

#include "lbd/balance/algorithm.h"

namespace lbd::balance {

class RoundRobin : public Algorithm {
 public:
  // smooth: the weights of the moment, as evenly as may be; map: those of the configuration, in HAProxy's static map.
  enum class Order : uint8_t { smooth, map };
  RoundRobin(const server::Backend& backend, uint32_t workers, Order order = Order::smooth)
      : backend_(backend), cycles_(backend, workers, order) {}
  server::Server* take(const Request& request) override;

 private:
  // One turn of all servers in the rotation, and where it stands.
  struct Cycle {
    Cycle(const server::Backend& backend, const Cycle* before, Order how);
    std::vector<server::Server*> order;
    std::vector<uint32_t> indexes;  // of those in `order`, which may be gone when the next cycle is made
    std::atomic<uint64_t> next{0};
  };

  const server::Backend& backend_;
  Snapshots<Cycle, Order> cycles_;
};

}  // namespace lbd::balance
