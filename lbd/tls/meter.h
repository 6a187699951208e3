// Meter: what TLS of the whole process counts for `show info`, and the limits that are compared with it. A handshake
// costs a hundred microseconds, so that the workers may share these numbers.
// Owner: Contexts. Thread: any. Manual: management 9.3 (show info: CurrSslConns …), 3.2 (maxsslconn, maxsslrate).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/shared_rate.h"
#include "base/time.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

struct Meter {
  std::atomic<uint64_t> connections{0}, connections_total{0};  // of both sides, from the first handshake message on
  base::SharedRate accepted;                                   // of clients
  base::SharedRate client_keys, server_keys;                   // full handshakes
  std::atomic<uint64_t> cache_lookups{0}, cache_misses{0};
  std::atomic<uint32_t> most_connections{0}, most_accepted{0};  // 0: no limit
  uint32_t young_record = 0;                                    // tune.ssl.maxrecord; set before the workers start
  uint32_t hard_record = 0;                                     // tune.ssl.hard-maxrecord
  base::Nanos idle{0};                                          // tune.idletimer, after which a connection is young

  // Of a context that Contexts has made; null: of another one.
  static Meter* of(const SSL_CTX* context);
  void serve(SSL_CTX* context);
  // Beyond the limit; whoever comes then is one too many.
  bool too_many() const {
    const uint32_t most = most_connections.load(std::memory_order_relaxed);
    return most && connections.load(std::memory_order_relaxed) > most;
  }
  // At a limit: nobody else is to come now.
  bool is_full(base::MonoTime now) const {
    const uint32_t most = most_connections.load(std::memory_order_relaxed),
                   a_second = most_accepted.load(std::memory_order_relaxed);
    return (most && connections.load(std::memory_order_relaxed) >= most) ||
           (a_second && accepted.rate(now) >= a_second);
  }
  // The share of clients' connections that needed no new key, in percent.
  uint32_t reuse_percent(base::MonoTime now) const {
    const uint64_t all = accepted.rate(now), made = client_keys.rate(now);
    return all ? static_cast<uint32_t>(100 - 100 * std::min(made, all) / all) : 0;
  }
};

}  // namespace lbd::tls
