// first: the server with the lowest id that has a slot left, so that the others may sleep. Manual: balance first.
#include <algorithm>

#include "lbd/balance/algorithm.h"

namespace lbd::balance {
namespace {

using server::Server;

class First : public Algorithm {
 public:
  explicit First(const server::Backend& backend) {
    for (const auto& server : backend.servers()) by_id_.push_back(server.get());
    // Servers without an id of their own are numbered in the order of declaration.
    std::stable_sort(by_id_.begin(), by_id_.end(), [](const Server* a, const Server* b) { return id(*a) < id(*b); });
  }

  Server* take(const Request& request) override { return take_first(by_id_, request); }

 private:
  static uint32_t id(const Server& server) { return server.config().id ? server.config().id : server.index() + 1; }
  std::vector<Server*> by_id_;
};

constexpr AlgorithmRow kRows[] = {
    {.name = "first",
     .doc = "the server with the lowest id that has a connection slot left",
     .check = check_no_arguments,
     .make = [](const server::Backend& backend, const Setting&) -> std::unique_ptr<Algorithm> {
       return std::make_unique<First>(backend);
     }},
};
const base::Registered<AlgorithmRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::balance
