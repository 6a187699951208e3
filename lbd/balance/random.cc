// random(draws): the less loaded of a few servers drawn by lot according to their weights. Manual: balance random.
#include <algorithm>
#include <random>

#include "base/strings.h"
#include "lbd/balance/algorithm.h"

namespace lbd::balance {
namespace {

using server::Server;

class Random : public Algorithm {
 public:
  static constexpr uint32_t kDraws = 2;

  Random(const server::Backend& backend, uint32_t workers, uint32_t draws)
      : backend_(backend), draws_(draws), lots_(backend, workers), generators_(workers) {
    std::random_device seed;
    for (Generator& generator : generators_) generator.random.seed(seed());
  }

  Server* take(const Request& request) override {
    const Lots& lots = lots_.get(request.worker);
    if (lots.servers.empty()) return nullptr;
    auto& random = generators_[request.worker].random;
    Server* best = nullptr;
    for (uint32_t draw = 0; draw < draws_; ++draw) {
      Server& drawn = lots.at(random());
      if (!eligible(drawn) || !drawn.has_room() || &drawn == request.avoid) continue;
      if (!best || load_of(drawn).lighter_than(load_of(*best))) best = &drawn;
    }
    if (best && best->take_slot()) return best;
    // All draws were blanks: the next with room behind a random one.
    return take_first(lots.servers, request, random() % lots.servers.size());
  }

 private:
  struct Lots {
    Lots(const server::Backend& backend, const Lots*) {
      uint64_t sum = 0;
      for (const auto& server : backend.servers()) {
        if (!server->in_rotation()) continue;
        servers.push_back(server.get());
        ends.push_back(sum += std::max(1u, server->weight()));
      }
      // A power of two, so that a lot finds its entry without a division.
      while (sum >> shift > servers.size()) ++shift;
      uint32_t first = 0;
      for (uint64_t lot = 0; lot < sum; lot += uint64_t{1} << shift) {
        while (ends[first] <= lot) ++first;
        guide.push_back(first);
      }
    }
    Server& at(uint64_t random) const {
      const uint64_t lot = random % ends.back();
      uint32_t index = guide[lot >> shift];
      while (ends[index] <= lot) ++index;
      return *servers[index];
    }
    std::vector<Server*> servers;
    std::vector<uint64_t> ends;   // sums of weights
    std::vector<uint32_t> guide;  // by the lot, shifted: where to look for its server from
    unsigned shift = 0;
  };
  struct alignas(64) Generator {
    std::minstd_rand random;
  };

  const server::Backend& backend_;
  const uint32_t draws_;
  Snapshots<Lots> lots_;
  std::vector<Generator> generators_;
};

uint32_t draws_of(const config::Proxy& proxy) {
  AlgorithmWord word = split_algorithm(proxy.balance.algorithm);
  return word.argument.empty() ? Random::kDraws : base::parse_int<uint32_t>(word.argument).value_or(0);
}

void check_random(const config::Config&, const config::Proxy& proxy, cfg::Diagnostics& diagnostics) {
  if (draws_of(proxy) == 0)
    diagnostics.error(proxy.balance.location, "'balance random' takes the number of draws in brackets, at least 1");
  if (!proxy.balance.arguments.empty())
    diagnostics.error(proxy.balance.arguments.front().loc, "'balance random' takes no further argument");
}

constexpr AlgorithmRow kRows[] = {
    {.name = "random",
     .doc = "the least loaded of a number of servers drawn by lot (random(draws), 2 by default)",
     .check = check_random,
     .make = [](const server::Backend& backend, const Setting& setting) -> std::unique_ptr<Algorithm> {
       return std::make_unique<Random>(backend, setting.workers, draws_of(backend.config()));
     }},
};
const base::Registered<AlgorithmRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::balance
