#include "lbd/server/counters.h"

#include <cstddef>

namespace lbd::server {
namespace {

using Member = Counter Counters::*;

constexpr Member kMaxima[] = {&Counters::queue_time_max_ms, &Counters::connect_time_max_ms,
                              &Counters::response_time_max_ms, &Counters::total_time_max_ms};

constexpr Member kTotals[] = {
    &Counters::connections,
    &Counters::sessions,
    &Counters::bytes_in,
    &Counters::bytes_out,
    &Counters::denied_requests,
    &Counters::denied_responses,
    &Counters::failed_requests,
    &Counters::failed_connections,
    &Counters::failed_responses,
    &Counters::retries,
    &Counters::redispatches,
    &Counters::requests,
    &Counters::client_aborts,
    &Counters::server_aborts,
    &Counters::chosen,
    &Counters::connects,
    &Counters::reuses,
    &Counters::denied_connections,
    &Counters::denied_sessions,
    &Counters::internal_errors,
    &Counters::failed_rewrites,
    &Counters::intercepted,
    &Counters::cache_lookups,
    &Counters::cache_hits,
    &Counters::tls_sessions,
    &Counters::tls_resumed,
    &Counters::tls_failures,
    &Counters::h2_connections,
    &Counters::h2_streams,
    &Counters::h2_headers,
    &Counters::h2_data,
    &Counters::h2_settings,
    &Counters::h2_resets,
    &Counters::h2_goaways,
    &Counters::h2_resets_sent,
    &Counters::h2_goaways_sent,
    &Counters::h2_connection_errors,
    &Counters::h2_stream_errors,
    &Counters::h2_bytes_in,
    &Counters::h2_bytes_out,
};

// Sums that the averages are taken from by their difference: they never fall.
constexpr Member kSums[] = {&Counters::queue_time_ms, &Counters::connect_time_ms, &Counters::response_time_ms,
                            &Counters::total_time_ms, &Counters::time_samples};

constexpr Member kGauges[] = {&Counters::sessions_now, &Counters::idle_safe, &Counters::idle_unsafe,
                              &Counters::h2_connections_now, &Counters::h2_streams_now};

// A counter that stands in none of the lists would never be cleared.
constexpr size_t kListed =
    std::size(kMaxima) + std::size(kTotals) + std::size(kSums) + std::size(kGauges) + std::size(Counters{}.responses);
static_assert(sizeof(Counters) == kListed * sizeof(Counter) + 3 * sizeof(RateCounter));

}  // namespace

void Counters::clear_maxima() {
  for (Member member : kMaxima) (this->*member).clear();
}

void Counters::clear_totals() {
  for (Member member : kTotals) (this->*member).clear();
  for (Counter& counter : responses) counter.clear();
}

}  // namespace lbd::server
