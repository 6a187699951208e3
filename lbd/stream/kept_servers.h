// KeptServers: idle connections to servers that only one client may use again: http-reuse never, send-proxy, addresses
// of the client's own, or a server that has authenticated the connection (NTLM). The place of a server stays while its
// connection is in use, so that "the last server" of option prefer-last-server is the one that the client came to
// first.
//
// Owner: the client's connection. Thread: the worker's. Errors: none; what has died meanwhile is dropped when met.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace lbd::server {
class Backend;
class Server;
}  // namespace lbd::server

namespace lbd::stream {

class ServerConnection;

class KeptServers {
 public:
  // `most`: max-session-srv-conns.
  explicit KeptServers(size_t most);
  ~KeptServers();
  void put(std::unique_ptr<ServerConnection> connection);
  // Null: there is none that leads there and lives.
  std::unique_ptr<ServerConnection> take(const server::Server& server, uint64_t name_hash);
  // To the first server of the backend that may get new traffic, or null.
  const ServerConnection* first_of(const server::Backend& backend) const;
  // One that leads to the server goes; false: there is none.
  bool close_one(const server::Server& server);
  // The server is not in its backend any more.
  void forget(const server::Server& server);
  void clear();

 private:
  struct Place;
  const size_t most_;
  std::vector<Place> places_;
};

}  // namespace lbd::stream
