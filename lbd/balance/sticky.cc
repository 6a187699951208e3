// sticky: one server gets everything for as long as it is available. Who takes over is the next of those that are, in
// the order of the file; one that comes back stands behind them. Manual (of 3.x): balance sticky.
#include <unordered_set>
#include <vector>

#include "lbd/balance/algorithm.h"

namespace lbd::balance {
namespace {

using server::Server;

class Sticky : public Algorithm {
 public:
  Sticky(const server::Backend& backend, uint32_t workers) : lines_(backend, workers) {}

  // Where it is full the request waits for it.
  Server* home(const Request& request) override {
    const std::vector<Server*>& servers = lines_.get(request.worker).servers;
    if (servers.empty()) return nullptr;
    return servers[servers[0] == request.avoid && servers.size() > 1 ? 1 : 0];
  }
  bool by_key() const override { return true; }

  // None is available.
  Server* take(const Request&) override { return nullptr; }

 private:
  // What changes between two requests is one change: who was away meanwhile has not lost its place.
  struct Line {
    Line(const server::Backend& backend, const Line* before) {
      std::unordered_set<const Server*> to_come;
      for (const auto& server : backend.servers())
        if (eligible(*server)) to_come.insert(server.get());
      if (before)
        for (Server* server : before->servers)
          if (to_come.erase(server)) servers.push_back(server);
      for (const auto& server : backend.servers())
        if (to_come.erase(server.get())) servers.push_back(server.get());
    }
    std::vector<Server*> servers;  // available ones, the first gets everything
  };
  Snapshots<Line> lines_;
};

constexpr AlgorithmRow kRows[] = {
    {.name = "sticky",
     .doc = "one server for as long as it is available",
     .check = check_no_arguments,
     .make = [](const server::Backend& backend, const Setting& setting) -> std::unique_ptr<Algorithm> {
       return std::make_unique<Sticky>(backend, setting.workers);
     }},
};
const base::Registered<AlgorithmRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::balance
