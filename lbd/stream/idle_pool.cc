#include "lbd/stream/idle_pool.h"

#include "lbd/stream/server_connection.h"

namespace lbd::stream {

IdlePool::IdlePool(server::Counters& counters)
    : counters_(&counters),
      list_(std::make_unique<base::List<ServerConnection, IdleTag>>()),
      shared_(std::make_unique<base::List<ServerConnection, SharedTag>>()) {}
IdlePool::IdlePool(IdlePool&&) noexcept = default;
IdlePool::~IdlePool() {
  if (list_) drop();
}

// Safe is one that has been used again before: the server has shown that it keeps connections.
server::Counter& IdlePool::gauge(server::Counters& counters, const ServerConnection& connection) {
  return connection.exchanges() > 1 ? counters.idle_safe : counters.idle_unsafe;
}

void IdlePool::put(std::unique_ptr<ServerConnection> connection) {
  gauge(*counters_, *connection).add();
  list_->push_front(*connection.release());
  ++size_;
}

std::unique_ptr<ServerConnection> IdlePool::take(bool proven, uint64_t name_hash) {
  for (ServerConnection& connection : *list_)
    if (connection.name_hash() == name_hash && (!proven || connection.exchanges() > 1)) return remove(connection);
  return nullptr;
}

std::unique_ptr<ServerConnection> IdlePool::remove(ServerConnection& connection) {
  static_cast<base::ListHook<IdleTag>&>(connection).unlink();
  --size_;
  gauge(*counters_, connection).sub();
  return std::unique_ptr<ServerConnection>(&connection);
}

bool IdlePool::close_one() {
  if (!list_->empty()) {
    list_->back().discard();
    return true;
  }
  for (ServerConnection& connection : *shared_)
    if (connection.resting()) {
      connection.retire();
      return true;
    }
  return false;
}

void IdlePool::clear() {
  while (!list_->empty()) remove(list_->front());
  for (ServerConnection& connection : *shared_) connection.retire();
}

void IdlePool::drop() {
  clear();
  while (!shared_->empty()) shared_->front().drop();
}

void IdlePool::share(ServerConnection& connection) {
  shared_->push_front(connection);
}

ServerConnection* IdlePool::find_shared(const BackEndpoint::Claim& claim, bool proven, uint64_t name_hash) {
  for (ServerConnection& connection : *shared_)
    if (connection.name_hash() == name_hash && (!proven || connection.exchanges() > 1) && connection.takes(claim))
      return &connection;
  return nullptr;
}

void IdlePool::rest(ServerConnection& connection) {
  gauge(*counters_, connection).add();
  ++size_;
}

void IdlePool::wake(ServerConnection& connection) {
  gauge(*counters_, connection).sub();
  --size_;
}

}  // namespace lbd::stream
