// IdlePool: connections to one server that wait for the next request, of one worker. The last one used is taken
// first, so that the rest grow old and are closed after pool-purge-delay. An idle connection stays watched: a server
// that closes it is noticed before it is used again.
//
// Owner: the worker; it owns the connections in it. Thread: the worker's. Manual: http-reuse, pool-max-conn.
#pragma once

#include <memory>

#include "base/intrusive.h"
#include "lbd/server/counters.h"

namespace lbd::stream {

class ServerConnection;
struct IdleTag;

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
  void clear();
  size_t size() const { return size_; }

 private:
  static server::Counter& gauge(server::Counters& counters, const ServerConnection& connection);

  server::Counters* counters_;
  std::unique_ptr<base::List<ServerConnection, IdleTag>> list_;
  size_t size_ = 0;
};

}  // namespace lbd::stream
