// Listener: one address of a bind line, as all workers accept there together: its number in the proxy, its name, how
// many connections came through it and are there now. With `option socket-stats` it has counters, and lines in the
// statistics.
//
// Life: made with its Frontend, as long as the process. Thread: any. Errors: none. Manual: 4.2 option socket-stats, 5.1
// id, name, maxconn.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/addr.h"
#include "lbd/config/bind.h"
#include "lbd/server/counters.h"

namespace lbd::server {

struct Listener {
  Listener(const config::Bind& line, const config::BindAddress& one)
      : bind(line),
        address(one),
        name(line.name.empty() ? "sock-" + std::to_string(one.number) : line.name),
        at(one.address) {}
  uint32_t number() const { return address.number; }
  bool full() const { return bind.maxconn && connections.load(std::memory_order_relaxed) >= bind.maxconn; }

  const config::Bind& bind;
  const config::BindAddress& address;
  const std::string name;
  // Set before workers start.
  base::SockAddr at;             // where its sockets really are: inherited ones, port 0
  std::optional<uint32_t> slot;  // of its Counters in every worker's array
  // Written with each connection; what stands before is read by every exchange.
  alignas(64) std::atomic<uint32_t> connections{0};
  std::atomic<uint32_t> connections_peak{0};  // raise_peak() by who counts connections up
};

}  // namespace lbd::server
