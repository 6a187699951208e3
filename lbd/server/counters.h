// Counters of a worker: one writer, relaxed, summed by the control thread when somebody asks. Every number of a
// frontend, backend or server that CSV, page, Prometheus and SNMP show is read from here by a metric row.
//
// Life: one array of blocks per worker, indexed by the object's slot; as long as the runtime. Thread: written by the
// worker that owns the block, read by any.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace lbd::server {

// For gauges that all workers share: remembers the highest value that any of them saw.
inline void raise_peak(std::atomic<uint32_t>& peak, uint32_t value) {
  uint32_t seen = peak.load(std::memory_order_relaxed);
  while (value > seen && !peak.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

class Counter {
 public:
  void add(uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void sub(uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed); }
  void raise_to(uint64_t n) {
    if (n > get()) value_.store(n, std::memory_order_relaxed);
  }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }
  void clear() { value_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Events of the running second and of the one before. Thread: as Counter. Seconds are those of the monotonic clock.
class RateCounter {
 public:
  static uint64_t second_of(base::MonoTime now) {
    return static_cast<uint64_t>(std::chrono::duration_cast<base::Seconds>(now.time_since_epoch()).count());
  }
  void add(uint64_t second, uint64_t n = 1) {
    roll(second);
    current_.add(n);
  }
  // What the second before `second` counted.
  uint64_t last_second(uint64_t second) const {
    uint64_t at = second_.load(std::memory_order_relaxed);
    if (at == second) return previous_.get();
    return at + 1 == second ? current_.get() : 0;
  }
  // What `second` has counted so far.
  uint64_t this_second(uint64_t second) const {
    return second_.load(std::memory_order_relaxed) == second ? current_.get() : 0;
  }
  // HAProxy's meaning: the running second, and of the one before the part that lies less than a second back.
  uint64_t rate(base::MonoTime now) const {
    uint64_t second = second_of(now);
    auto into = std::chrono::duration_cast<base::Millis>(now.time_since_epoch() - base::Seconds(second)).count();
    return this_second(second) + (last_second(second) * static_cast<uint64_t>(1000 - into) + 999) / 1000;
  }
  // The second of the last event, 0: none yet.
  uint64_t last_event() const { return second_.load(std::memory_order_relaxed); }

 private:
  void roll(uint64_t second) {
    uint64_t at = second_.load(std::memory_order_relaxed);
    if (at == second) return;
    uint64_t closed = at + 1 == second ? current_.get() : 0;
    previous_.clear();
    previous_.add(closed);
    current_.clear();
    second_.store(second, std::memory_order_relaxed);
  }
  std::atomic<uint64_t> second_{0};
  Counter current_, previous_;
};

// One block serves frontends, backends and servers alike; a metric row says for which it is shown.
struct Counters {
  Counter connections;   // accepted, or opened to the server
  Counter sessions;      // streams (requests) begun; stot
  Counter sessions_now;  // scur
  Counter bytes_in, bytes_out;
  Counter denied_requests, denied_responses;
  Counter failed_requests;     // ereq
  Counter failed_connections;  // econ
  Counter failed_responses;    // eresp
  Counter retries, redispatches;
  Counter requests;      // HTTP requests
  Counter responses[6];  // 1xx … 5xx, [0] other
  Counter client_aborts, server_aborts;
  Counter chosen;  // lbtot
  Counter connects, reuses;
  Counter idle_safe, idle_unsafe;  // connections to the server kept for reuse, now
  Counter denied_connections, denied_sessions;
  Counter internal_errors, failed_rewrites;
  Counter intercepted;  // answered by the proxy itself
  Counter cache_lookups, cache_hits;
  Counter compressed_responses, compression_in, compression_out, compression_bypassed;
  Counter queue_time_ms, connect_time_ms, response_time_ms, total_time_ms, time_samples;
  Counter queue_time_max_ms, connect_time_max_ms, response_time_max_ms, total_time_max_ms;  // raise_to()
  Counter tls_sessions, tls_resumed, tls_failures;  // handshakes: with a new key, of an old one, failed
  // HTTP/2, with the clients of a frontend or the servers of a backend. Frames received, then sent; what the peer did
  // wrong; bytes are part of bytes_in and bytes_out.
  Counter h2_connections, h2_connections_now, h2_streams, h2_streams_now;
  Counter h2_headers, h2_data, h2_settings, h2_resets, h2_goaways;
  Counter h2_resets_sent, h2_goaways_sent;
  Counter h2_connection_errors, h2_stream_errors;
  Counter h2_bytes_in, h2_bytes_out;
  RateCounter session_rate, request_rate, connection_rate;

  void count_response(int status) { responses[status < 600 ? status / 100 : 0].add(); }

  // `clear counters` and `clear counters all`: the maxima, and what only grows. Thread: the writer's. What tells how
  // things are now stays, and so do the sums of times, from whose growth the averages are taken.
  void clear_maxima();
  void clear_totals();
};

}  // namespace lbd::server
