// leastconn: the server with the fewest streams for its weight; those that are equal take turns. The backend knows who
// that is at this moment (LoadIndex); all are looked at only where that cannot know who has room: with limits that move
// by themselves (minconn, slowstart), and when one server is to be avoided. Manual: balance leastconn.
#include <algorithm>
#include <atomic>

#include "lbd/balance/algorithm.h"
#include "lbd/server/load_index.h"

namespace lbd::balance {
namespace {

using server::Server;

class LeastConn : public Algorithm {
 public:
  explicit LeastConn(const server::Backend& backend) : backend_(backend) {}

  Server* take(const Request& request) override {
    const auto& loads = static_cast<const server::LoadIndex&>(*backend_.index());
    if (loads.least() == server::LoadIndex::kFull) return nullptr;
    if (!request.avoid)
      for (int tries = 0; tries < kTries; ++tries)
        if (Server* server = take_least(loads)) return server;
    return take_from_all(loads, request.avoid);
  }

 private:
  // Another worker may be faster, again and again.
  static constexpr int kTries = 8;

  Server* take_least(const server::LoadIndex& loads) {
    const uint64_t least = loads.least();
    const size_t leaf = loads.find(behind_last(loads), least);
    Server* server = leaf == server::LoadIndex::kNowhere ? nullptr : loads.server_at(leaf);
    if (!server) return nullptr;
    // Right at the moment at which it is made, or made anew.
    const uint32_t served = server->served();
    if (server::LoadIndex::load_of(*server) > least || !server->has_room() || !server->take_slot_if(served))
      return nullptr;
    last_.store(leaf, std::memory_order_relaxed);
    return server;
  }

  // So that equals take turns.
  size_t behind_last(const server::LoadIndex& loads) const {
    const size_t next = last_.load(std::memory_order_relaxed) + 1;
    return next < loads.capacity() ? next : 0;
  }

  Server* take_from_all(const server::LoadIndex& loads, const Server* avoid) {
    while (true) {
      Choice best = lightest(loads, avoid);
      if (!best.server) {
        if (!avoid) return nullptr;
        avoid = nullptr;
        continue;
      }
      if (!best.server->take_slot_if(best.served)) continue;
      last_.store(best.leaf, std::memory_order_relaxed);
      return best.server;
    }
  }

  struct Choice {
    Server* server = nullptr;
    Load load;
    uint32_t served = 0;
    size_t leaf = 0;
  };

  static Choice lightest_of(const server::LoadIndex& loads, const Server* avoid, size_t begin, size_t end,
                            Choice best) {
    for (size_t leaf = begin; leaf < end; ++leaf) {
      Server* server = loads.server_at(leaf);
      if (!server || !eligible(*server) || server == avoid) continue;
      const uint32_t served = server->served();
      const Load load = load_of(*server);
      if (best.server && !load.lighter_than(best.load)) continue;
      if (server->has_room()) best = {server, load, served, leaf};
    }
    return best;
  }
  Choice lightest(const server::LoadIndex& loads, const Server* avoid) const {
    const size_t begin = behind_last(loads);
    return lightest_of(loads, avoid, 0, begin, lightest_of(loads, avoid, begin, loads.capacity(), {}));
  }

  const server::Backend& backend_;
  std::atomic<size_t> last_{~size_t{0}};  // its leaf; behind this comes the first
};

constexpr AlgorithmRow kRows[] = {
    {.name = "leastconn",
     .doc = "the server with the fewest connections for its weight; equal ones in turn",
     .check = check_no_arguments,
     .make = [](const server::Backend& backend, const Setting&) -> std::unique_ptr<Algorithm> {
       return std::make_unique<LeastConn>(backend);
     },
     .index = server::ServerIndex::make<server::LoadIndex>},
};
const base::Registered<AlgorithmRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::balance
