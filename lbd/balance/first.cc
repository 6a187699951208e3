// first: the server with the lowest id that has a slot left, so that the others may sleep. Manual: balance first.
#include <algorithm>

#include "lbd/balance/algorithm.h"
#include "lbd/server/room_index.h"

namespace lbd::balance {
namespace {

using server::Server;

class First : public Algorithm {
 public:
  First(const server::Backend& backend, uint32_t workers) : backend_(backend), orders_(backend, workers) {}

  Server* take(const Request& request) override {
    const Order& order = orders_.get(request.worker);
    const auto& index = static_cast<const server::RoomIndex&>(*backend_.index());
    if (order.as_they_came && !request.avoid) {
      // Not full by a limit that stands still, so that those before need not be asked.
      const size_t leaf = index.first();
      Server* server = leaf == server::RoomIndex::kNowhere ? nullptr : index.server_at(leaf);
      if (server && eligible(*server) && server->has_room() && server->take_slot()) return server;
    }
    return take_first(order.by_id, request);
  }

 private:
  static uint32_t id(const Server& server) { return server.config().id ? server.config().id : server.index() + 1; }
  struct Order {
    Order(const server::Backend& backend, const Order*) {
      for (const auto& server : backend.servers()) by_id.push_back(server.get());
      // Servers without an id of their own are numbered in the order of declaration.
      std::stable_sort(by_id.begin(), by_id.end(), [](const Server* a, const Server* b) { return id(*a) < id(*b); });
      as_they_came = std::is_sorted(by_id.begin(), by_id.end(),
                                    [](const Server* a, const Server* b) { return a->leaf() < b->leaf(); });
    }
    std::vector<Server*> by_id;
    bool as_they_came = false;  // the leaves of Backend::index() stand in this order, too
  };
  const server::Backend& backend_;
  Snapshots<Order> orders_;
};

constexpr AlgorithmRow kRows[] = {
    {.name = "first",
     .doc = "the server with the lowest id that has a connection slot left",
     .check = check_no_arguments,
     .make = [](const server::Backend& backend, const Setting& setting) -> std::unique_ptr<Algorithm> {
       return std::make_unique<First>(backend, setting.workers);
     },
     .index = server::ServerIndex::make<server::RoomIndex>},
};
const base::Registered<AlgorithmRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::balance
