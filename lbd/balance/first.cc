// first: the server with the lowest id that has a slot left, so that the others may sleep. Manual: balance first.
#include <algorithm>

#include "lbd/balance/algorithm.h"

namespace lbd::balance {
namespace {

using server::Server;

class First : public Algorithm {
 public:
  First(const server::Backend& backend, uint32_t workers) : orders_(backend, workers) {}

  Server* take(const Request& request) override { return take_first(orders_.get(request.worker).by_id, request); }

 private:
  static uint32_t id(const Server& server) { return server.config().id ? server.config().id : server.index() + 1; }
  struct Order {
    Order(const server::Backend& backend, const Order*) {
      for (const auto& server : backend.servers()) by_id.push_back(server.get());
      // Servers without an id of their own are numbered in the order of declaration.
      std::stable_sort(by_id.begin(), by_id.end(), [](const Server* a, const Server* b) { return id(*a) < id(*b); });
    }
    std::vector<Server*> by_id;
  };
  Snapshots<Order> orders_;
};

constexpr AlgorithmRow kRows[] = {
    {.name = "first",
     .doc = "the server with the lowest id that has a connection slot left",
     .check = check_no_arguments,
     .make = [](const server::Backend& backend, const Setting& setting) -> std::unique_ptr<Algorithm> {
       return std::make_unique<First>(backend, setting.workers);
     }},
};
const base::Registered<AlgorithmRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::balance
