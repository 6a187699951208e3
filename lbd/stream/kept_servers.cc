#include "lbd/stream/kept_servers.h"

#include <algorithm>

#include "lbd/stream/server_connection.h"

namespace lbd::stream {

struct KeptServers::Place {
  const server::Server* server;
  std::unique_ptr<ServerConnection> connection;  // null: in use, or gone
};

KeptServers::KeptServers(size_t most) : most_(most) {}
KeptServers::~KeptServers() = default;

void KeptServers::put(std::unique_ptr<ServerConnection> connection) {
  const server::Server* server = &connection->server();
  for (Place& place : places_)
    if (place.server == server && !place.connection) {
      place.connection = std::move(connection);
      return;
    }
  if (most_ == 0) return;
  if (places_.size() >= most_) {
    const auto empty =
        std::find_if(places_.begin(), places_.end(), [](const Place& place) { return !place.connection; });
    places_.erase(empty == places_.end() ? places_.begin() : empty);
  }
  places_.push_back({server, std::move(connection)});
}

std::unique_ptr<ServerConnection> KeptServers::take(const server::Server& server, uint64_t name_hash) {
  for (Place& place : places_) {
    if (place.server != &server || !place.connection || place.connection->name_hash() != name_hash) continue;
    std::unique_ptr<ServerConnection> connection = std::move(place.connection);
    if (connection->leads_to_server() && connection->alive_now()) return connection;
  }
  return nullptr;
}

const ServerConnection* KeptServers::first_of(const server::Backend& backend) const {
  for (const Place& place : places_)
    if (place.connection && &place.server->backend() == &backend && place.server->usable())
      return place.connection.get();
  return nullptr;
}

bool KeptServers::close_one(const server::Server& server) {
  const auto found = std::find_if(places_.begin(), places_.end(),
                                  [&](const Place& place) { return place.server == &server && place.connection; });
  if (found == places_.end()) return false;
  found->connection.reset();
  return true;
}

void KeptServers::clear() {
  places_.clear();
}

void KeptServers::forget(const server::Server& server) {
  std::erase_if(places_, [&](const Place& place) { return place.server == &server; });
}

}  // namespace lbd::stream
