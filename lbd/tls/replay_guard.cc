#include "lbd/tls/replay_guard.h"

#include <openssl/rand.h>
#include <xxhash.h>

#include <cstring>
#include <utility>

#include "base/result.h"

namespace lbd::tls {

ReplayGuard::ReplayGuard(size_t most) : most_(most / kShards) {
  CHECK(RAND_bytes(mark_.data(), static_cast<int>(mark_.size())) == 1);
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&key_), sizeof key_) == 1);
}

bool ReplayGuard::is_new(std::string_view random, base::MonoTime now) {
  const uint64_t hash = XXH64(random.data(), random.size(), key_);
  Shard& shard = shards_[hash % kShards];
  std::lock_guard lock(shard.mutex);
  if (now - shard.since >= kGeneration) {
    const bool just_over = now - shard.since < 2 * kGeneration;
    shard.before = just_over ? std::exchange(shard.now, {}) : std::unordered_set<uint64_t>();
    shard.now.clear();
    shard.since = now;
  }
  if (shard.now.size() >= most_ || shard.before.contains(hash)) return false;
  return shard.now.insert(hash).second;
}

int ReplayGuard::mark_ticket(SSL* ssl, void* own) {
  if (!SSL_get_max_early_data(ssl)) return 1;
  const auto& mark = static_cast<const ReplayGuard*>(own)->mark_;
  return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), mark.data(), mark.size());
}

int ReplayGuard::allow(SSL* ssl, void* own) {
  auto& self = *static_cast<ReplayGuard*>(own);
  void* mark = nullptr;
  size_t size = 0;
  if (!SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl), &mark, &size) || size != self.mark_.size() ||
      std::memcmp(mark, self.mark_.data(), size) != 0)
    return 0;
  unsigned char random[SSL3_RANDOM_SIZE];
  const size_t length = SSL_get_client_random(ssl, random, sizeof random);
  return self.is_new({reinterpret_cast<const char*>(random), length}, base::mono_now());
}

void ReplayGuard::serve(SSL_CTX* context) {
  // OpenSSL's own protection would need its own cache of sessions, which workers and nodes do not share.
  SSL_CTX_set_options(context, SSL_OP_NO_ANTI_REPLAY);
  SSL_CTX_set_session_ticket_cb(context, mark_ticket, nullptr, this);
  SSL_CTX_set_allow_early_data_cb(context, allow, this);
}

}  // namespace lbd::tls
