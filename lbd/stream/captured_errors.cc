#include "lbd/stream/captured_errors.h"

namespace lbd::stream {

void CapturedErrors::keep(CapturedError error) {
  error.event = events_.fetch_add(1, std::memory_order_relaxed);
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  if (error.backend)
    kept_[error.backend].response = std::move(error);
  else
    kept_[error.frontend].request = std::move(error);
}

CapturedErrors::OfProxy CapturedErrors::of(const config::Proxy& proxy) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(&proxy);
  return found == kept_.end() ? OfProxy{} : found->second;
}

void CapturedErrors::forget(const config::Proxy& proxy) {
  const std::lock_guard lock(mutex_);
  kept_.erase(&proxy);
}

void CapturedErrors::forget(const server::Server& server) {
  const std::lock_guard lock(mutex_);
  for (auto& [proxy, kept] : kept_)
    if (kept.response && kept.response->server == &server) kept.response.reset();
}

}  // namespace lbd::stream
