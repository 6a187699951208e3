#include "lbd/stream/idle_pool.h"

#include "lbd/stream/server_connection.h"

namespace lbd::stream {

IdlePool::IdlePool() : list_(std::make_unique<base::List<ServerConnection, IdleTag>>()) {}
IdlePool::IdlePool(IdlePool&&) noexcept = default;
IdlePool::~IdlePool() {
  if (list_) clear();
}

void IdlePool::put(std::unique_ptr<ServerConnection> connection) {
  list_->push_front(*connection.release());
  ++size_;
}

std::unique_ptr<ServerConnection> IdlePool::take(bool proven) {
  for (ServerConnection& connection : *list_)
    if (!proven || connection.exchanges() > 1) return remove(connection);
  return nullptr;
}

std::unique_ptr<ServerConnection> IdlePool::remove(ServerConnection& connection) {
  static_cast<base::ListHook<IdleTag>&>(connection).unlink();
  --size_;
  return std::unique_ptr<ServerConnection>(&connection);
}

void IdlePool::clear() {
  while (!list_->empty()) remove(list_->front());
}

}  // namespace lbd::stream
