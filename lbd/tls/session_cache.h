// SessionCache: sessions of TLS 1.2 that clients resume by their number rather than by a ticket, and of TLS 1.3 without
// tickets; shared by all workers and all bind lines.
//
// Sharded, each shard the least recently made sessions of a bounded number; sessions are kept as bytes, so that none is
// shared between threads. A session that is no longer good is gone when it is asked for, or when it is the oldest.
// Owner: Contexts. Thread: any. Units: seconds. Manual: 3.2 (tune.ssl.cachesize, tune.ssl.lifetime).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lbd/tls/openssl.h"

namespace lbd::tls {

class SessionCache {
 public:
  // `size` 0: nothing is kept.
  SessionCache(size_t size, uint32_t lifetime) : size_(size), lifetime_(lifetime) {}

  // From now on sessions of this context are kept here; it outlives the connections of the context.
  void serve(SSL_CTX* context);

  void put(std::string_view id, std::string session, int64_t now);
  // Of another process. It is no news.
  void learn(std::string_view id, std::string session, int64_t expires, int64_t now);
  // What put() brought since the last call and is still here, of one shard after the other: visit(id, session,
  // expires). Nothing is noted before the first call, and never more than the cache holds.
  template <typename Visit>
  void take_news(Visit visit);
  void mark_all();                                    // all of it is news again
  std::string get(std::string_view id, int64_t now);  // "": there is none
  void remove(std::string_view id);

 private:
  static constexpr size_t kShards = 16;
  struct Entry {
    std::string id, session;
    int64_t expires;
    bool own;  // made here
  };
  struct Shard {
    std::mutex mutex;
    std::list<Entry> entries;  // the oldest first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_id;
    std::vector<std::string> news;
    void erase(std::list<Entry>::iterator entry);
  };
  Shard& shard_of(std::string_view id) { return shards_[std::hash<std::string_view>()(id) % kShards]; }
  static SessionCache& of(const SSL_CTX* context);
  static int keep(SSL* ssl, SSL_SESSION* session);
  static SSL_SESSION* find(SSL* ssl, const unsigned char* id, int size, int* copy);
  static void forget(SSL_CTX* context, SSL_SESSION* session);

  void insert(Shard& shard, Entry entry, int64_t now);

  size_t size_;
  std::atomic<bool> noting_{false};  // somebody wants the news
  uint32_t lifetime_;
  std::array<Shard, kShards> shards_;
};

template <typename Visit>
void SessionCache::take_news(Visit visit) {
  noting_.store(true, std::memory_order_relaxed);
  for (Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    for (const std::string& id : std::exchange(shard.news, {}))
      if (auto known = shard.by_id.find(id); known != shard.by_id.end())
        visit(id, known->second->session, known->second->expires);
  }
}

}  // namespace lbd::tls
