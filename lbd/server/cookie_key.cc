#include "lbd/server/cookie_key.h"

#include <xxhash.h>

namespace lbd::server {

void CookieKey::enable(bool on) {
  enabled_ = on;
  publish();
}

void CookieKey::set(std::string secret) {
  if (secrets_.empty() || *secrets_.back() != secret)
    secrets_.push_back(std::make_unique<const std::string>(std::move(secret)));
  publish();
}

void CookieKey::publish() {
  used_.store(enabled_ && !secrets_.empty() ? secrets_.back().get() : nullptr, std::memory_order_release);
}

std::string_view CookieKey::cookie(const base::SockAddr& address, Room& room) const {
  const std::string* secret = used_.load(std::memory_order_acquire);
  if (!secret || !address.is_ip()) return {};
  // As haproxy makes it, so that clients stay where they are when they come from there.
  std::string text = *secret;
  const base::IpPort at = address.ip_port();
  text.append(reinterpret_cast<const char*>(at.ip.bytes.data()), at.ip.length());
  for (unsigned shift = 32; shift > 0;) text += static_cast<char>(uint32_t{at.port} >> (shift -= 8) & 255);
  const uint64_t hash = XXH64(text.data(), text.size(), 0);
  for (size_t i = 0; i < kLength; ++i) room[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
  return {room, kLength};
}

}  // namespace lbd::server
