#include "lbd/tls/session_cache.h"

#include <algorithm>
#include <ctime>

#include "lbd/tls/meter.h"

namespace lbd::tls {
namespace {

int cache_index() {
  static const int index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string_view id_of(const SSL_SESSION* session) {
  unsigned size = 0;
  const unsigned char* id = SSL_SESSION_get_id(session, &size);
  return {reinterpret_cast<const char*>(id), size};
}

}  // namespace

void SessionCache::Shard::erase(std::list<Entry>::iterator entry) {
  by_id.erase(entry->id);
  entries.erase(entry);
}

void SessionCache::insert(Shard& shard, Entry entry, int64_t now) {
  const size_t most = std::max<size_t>(size_ / kShards, 1);
  if (auto known = shard.by_id.find(entry.id); known != shard.by_id.end()) shard.erase(known->second);
  while (!shard.entries.empty() && (shard.entries.size() >= most || shard.entries.front().expires <= now))
    shard.erase(shard.entries.begin());
  if (entry.own && noting_.load(std::memory_order_relaxed) && shard.news.size() < most) shard.news.push_back(entry.id);
  shard.entries.push_back(std::move(entry));
  shard.by_id.emplace(shard.entries.back().id, std::prev(shard.entries.end()));
}

void SessionCache::put(std::string_view id, std::string session, int64_t now) {
  Shard& shard = shard_of(id);
  std::lock_guard lock(shard.mutex);
  insert(shard, {std::string(id), std::move(session), now + lifetime_, true}, now);
}

void SessionCache::learn(std::string_view id, std::string session, int64_t expires, int64_t now) {
  if (size_ == 0 || expires <= now) return;
  Shard& shard = shard_of(id);
  std::lock_guard lock(shard.mutex);
  if (!shard.by_id.contains(id))
    insert(shard, {std::string(id), std::move(session), std::min<int64_t>(expires, now + lifetime_), false}, now);
}

void SessionCache::mark_all() {
  for (Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    shard.news.clear();
    for (const Entry& entry : shard.entries)
      if (entry.own) shard.news.push_back(entry.id);
  }
}

std::string SessionCache::get(std::string_view id, int64_t now) {
  Shard& shard = shard_of(id);
  std::lock_guard lock(shard.mutex);
  auto known = shard.by_id.find(id);
  if (known == shard.by_id.end()) return {};
  if (known->second->expires > now) return known->second->session;
  shard.erase(known->second);
  return {};
}

void SessionCache::remove(std::string_view id) {
  Shard& shard = shard_of(id);
  std::lock_guard lock(shard.mutex);
  if (auto known = shard.by_id.find(id); known != shard.by_id.end()) shard.erase(known->second);
}

SessionCache& SessionCache::of(const SSL_CTX* context) {
  return *static_cast<SessionCache*>(SSL_CTX_get_ex_data(context, cache_index()));
}

// The answer says that we keep no reference.
int SessionCache::keep(SSL* ssl, SSL_SESSION* session) {
  // A TLS 1.3 ticket holds all that is needed.
  if (SSL_version(ssl) >= TLS1_3_VERSION && !(SSL_get_options(ssl) & SSL_OP_NO_TICKET)) return 0;
  const std::string_view id = id_of(session);
  const int size = i2d_SSL_SESSION(session, nullptr);
  if (id.empty() || size <= 0) return 0;
  std::string bytes(static_cast<size_t>(size), '\0');
  auto* to = reinterpret_cast<unsigned char*>(bytes.data());
  i2d_SSL_SESSION(session, &to);
  of(SSL_get_SSL_CTX(ssl)).put(id, std::move(bytes), std::time(nullptr));
  return 0;
}

SSL_SESSION* SessionCache::find(SSL* ssl, const unsigned char* id, int size, int* copy) {
  *copy = 0;
  const SSL_CTX* context = SSL_get_SSL_CTX(ssl);
  const std::string bytes =
      of(context).get({reinterpret_cast<const char*>(id), static_cast<size_t>(size)}, std::time(nullptr));
  if (Meter* meter = Meter::of(context)) {
    meter->cache_lookups.fetch_add(1, std::memory_order_relaxed);
    if (bytes.empty()) meter->cache_misses.fetch_add(1, std::memory_order_relaxed);
  }
  if (bytes.empty()) return nullptr;
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  return d2i_SSL_SESSION(nullptr, &from, static_cast<long>(bytes.size()));
}

void SessionCache::forget(SSL_CTX* context, SSL_SESSION* session) {
  of(context).remove(id_of(session));
}

void SessionCache::serve(SSL_CTX* context) {
  SSL_CTX_set_timeout(context, static_cast<long>(lifetime_));
  SSL_CTX_set_ex_data(context, cache_index(), this);
  if (!size_) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return;
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep);
  SSL_CTX_sess_set_get_cb(context, find);
  SSL_CTX_sess_set_remove_cb(context, forget);
}

}  // namespace lbd::tls
