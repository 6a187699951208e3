#include "lbd/server/permits.h"

#include "lbd/server/server.h"

namespace lbd::server {

bool Permits::take() {
  const uint32_t limit = server_.maxconn();
  uint32_t now = taken_.load();
  while (limit == 0 || now < limit)
    if (taken_.compare_exchange_weak(now, now + 1)) return true;
  return false;
}

void Permits::give() {
  // It goes on to a waiter without ever being free, unless the limit was lowered meanwhile.
  const uint32_t limit = server_.maxconn();
  if ((limit == 0 || taken() <= limit) && queue_.grant_next(server_)) return;
  taken_.fetch_sub(1);
  fill();
}

void Permits::fill() {
  while (wanted() && take())
    if (!queue_.grant_next(server_)) taken_.fetch_sub(1);
}

}  // namespace lbd::server
