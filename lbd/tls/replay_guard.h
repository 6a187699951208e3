// ReplayGuard: sees to it that early data is taken once. Whoever has recorded a ClientHello with early data can send it
// again, and nothing in it would tell; so hellos are remembered for as long as OpenSSL takes a ticket's age for true
// (ten seconds), and early data comes only with tickets that this process has given: no other process, before it or on
// another node, can have seen its hello. A refused client's handshake goes on, and it sends the same again behind it.
//
// Remembered is a keyed hash of the client's random number, in two generations. A shard that is full refuses.
// Owner: Contexts. Life: outlives the connections of the contexts that it serves. Thread: any. RFC 8446, 8.2, 8.3.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_set>

#include "base/time.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

class ReplayGuard {
 public:
  // Hellos remembered in a generation, all shards together.
  explicit ReplayGuard(size_t most = 1 << 19);

  // From now on it decides for connections of this context.
  void serve(SSL_CTX* context);

  // Whether such a hello has not come before.
  bool is_new(std::string_view random, base::MonoTime now);

 private:
  static constexpr size_t kShards = 16;
  static constexpr base::Seconds kGeneration{15};
  struct Shard {
    std::mutex mutex;
    std::unordered_set<uint64_t> now, before;
    base::MonoTime since{};
  };
  static int mark_ticket(SSL* ssl, void* own);
  static int allow(SSL* ssl, void* own);

  size_t most_;
  std::array<unsigned char, 16> mark_;  // of our tickets
  uint64_t key_;
  std::array<Shard, kShards> shards_;
};

}  // namespace lbd::tls
