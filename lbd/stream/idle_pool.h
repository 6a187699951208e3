// IdlePool: connections to one server that wait for the next request, of one worker. The last one used is taken
// first, so that the rest grow old and are closed after pool-purge-delay. An idle connection stays watched: a server
// that closes it is noticed before it is used again. Connections of HTTP/2 are listed all the time, and count as idle
// while they have no streams.
//
// Owner: the worker; it owns the connections in it, but not those of HTTP/2. Thread: the worker's. Manual: http-reuse,
// pool-max-conn.
#pragma once

#include <memory>

#include "base/intrusive.h"
#include "lbd/server/counters.h"
#include "lbd/stream/back_endpoint.h"

namespace lbd::stream {

class ServerConnection;
struct IdleTag;
struct SharedTag;

class IdlePool {
 public:
  explicit IdlePool(server::Counters& counters);  // the server's
  ~IdlePool();
  IdlePool(IdlePool&&) noexcept;
  void put(std::unique_ptr<ServerConnection> connection);
  // Null when there is none. `proven`: only one that has been reused before (http-reuse aggressive). `name_hash`: of
  // the server's name in its handshake.
  std::unique_ptr<ServerConnection> take(bool proven = false, uint64_t name_hash = 0);
  std::unique_ptr<ServerConnection> remove(ServerConnection& connection);
  // The one that has been idle longest goes. False: none is idle.
  bool close_one();
  // All that is idle goes; shared ones when they have no streams any more.
  void clear();
  // All goes, at once.
  void drop();

  // --- HTTP/2
  void share(ServerConnection& connection);
  // One that an exchange may join, or null.
  ServerConnection* find_shared(const BackEndpoint::Claim& claim, bool proven, uint64_t name_hash);
  void rest(ServerConnection& connection);  // it is idle from now on
  void wake(ServerConnection& connection);  // until now
  // How many streams the server permitted last on one connection: what a new one may carry until it has said so itself.
  void note_permitted(uint32_t streams) { permitted_ = streams; }
  uint32_t permitted() const { return permitted_; }

  size_t size() const { return size_; }

 private:
  static server::Counter& gauge(server::Counters& counters, const ServerConnection& connection);

  server::Counters* counters_;
  std::unique_ptr<base::List<ServerConnection, IdleTag>> list_;
  std::unique_ptr<base::List<ServerConnection, SharedTag>> shared_;
  size_t size_ = 0;
  uint32_t permitted_ = UINT32_MAX;
};

}  // namespace lbd::stream
