// leastconn: the server with the fewest streams for its weight; those that are equal take turns. It looks at the
// servers as they are at this moment and keeps nothing but who was last. Manual: balance leastconn.
#include <algorithm>

#include "lbd/balance/algorithm.h"

namespace lbd::balance {
namespace {

using server::Server;

class LeastConn : public Algorithm {
 public:
  explicit LeastConn(const server::Backend& backend) : backend_(backend) {}

  Server* take(const Request& request) override {
    const Server* avoid = request.avoid;
    while (true) {
      Choice best = lightest(avoid);
      if (!best.server) {
        if (!avoid) return nullptr;
        avoid = nullptr;
        continue;
      }
      // When another worker was faster we look again, so that the choice is right at the moment at which it is made.
      if (!best.server->take_slot_if(best.served)) continue;
      last_.store(best.at, std::memory_order_relaxed);
      return best.server;
    }
  }

 private:
  struct Choice {
    Server* server = nullptr;
    Load load;
    uint32_t served = 0;
    size_t at = 0;  // where it stands
  };

  // Looks from the one behind the last chosen on, so that equals take turns.
  Choice lightest(const Server* avoid) const {
    const auto& servers = backend_.servers();
    Choice best;
    size_t at = last_.load(std::memory_order_relaxed);
    for (size_t left = servers.size(); left > 0; --left) {
      at = at + 1 < servers.size() ? at + 1 : 0;
      Server& server = *servers[at];
      if (!eligible(server) || &server == avoid) continue;
      uint32_t served = server.served();
      Load load = load_of(server);
      if (best.server && !load.lighter_than(best.load)) continue;
      if (server.has_room()) best = {&server, load, served, at};
    }
    return best;
  }

  const server::Backend& backend_;
  std::atomic<size_t> last_{~size_t{0}};  // where it stood; behind this comes the first
};

constexpr AlgorithmRow kRows[] = {
    {.name = "leastconn",
     .doc = "the server with the fewest connections for its weight; equal ones in turn",
     .check = check_no_arguments,
     .make = [](const server::Backend& backend, const Setting&) -> std::unique_ptr<Algorithm> {
       return std::make_unique<LeastConn>(backend);
     }},
};
const base::Registered<AlgorithmRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::balance
