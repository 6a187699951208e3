#include "lbd/stream/walks.h"

#include <algorithm>

#include "lbd/stream/client_connection.h"
#include "lbd/stream/stream.h"

namespace lbd::stream {
namespace {

// Of a piece: what may take about a quarter of a millisecond.
constexpr size_t kConnections = 1000;
constexpr size_t kExchanges = 50;

}  // namespace

uint64_t Walks::begin() {
  const uint64_t number = ++begun_;
  if (!clients_.empty()) walks_.push_back({number, &clients_.front(), clients_.back().client_id()});
  return number;
}

bool Walks::go_on(uint64_t number, const Visit& visit) {
  const auto walk = std::find_if(walks_.begin(), walks_.end(), [&](const Walk& one) { return one.number == number; });
  if (walk == walks_.end()) return false;
  size_t exchanges = 0;
  for (size_t seen = 0; seen < kConnections && exchanges < kExchanges; ++seen) {
    ClientConnection* connection = walk->next;
    if (!connection || connection->client_id() > walk->last_client) {
      walks_.erase(walk);
      return false;
    }
    walk->next = behind(*connection);
    connection->for_each_exchange([&](Stream& stream) {
      ++exchanges;
      visit(stream);
    });
  }
  return true;
}

void Walks::end(uint64_t number) {
  std::erase_if(walks_, [&](const Walk& one) { return one.number == number; });
}

void Walks::leaving(const ClientConnection& connection) {
  for (Walk& walk : walks_)
    if (walk.next == &connection) walk.next = behind(*walk.next);
}

// New connections stand at the end of the list, so that it is ordered by their numbers.
ClientConnection* Walks::behind(ClientConnection& connection) {
  if (&connection == &clients_.back()) return nullptr;
  base::List<ClientConnection>::Iterator at(&static_cast<base::ListHook<>&>(connection));
  ++at;
  return &*at;
}

}  // namespace lbd::stream
