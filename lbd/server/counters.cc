#include "lbd/server/counters.h"

#include <cstddef>

#include "lbd/server/counter_names.h"

namespace lbd::server {
namespace {

using Member = Counter Counters::*;

struct Named {
  std::string_view name;
  Member member;
};

constexpr Named kMaxima[] = {{"queue_time_max_ms", &Counters::queue_time_max_ms},
                             {"connect_time_max_ms", &Counters::connect_time_max_ms},
                             {"response_time_max_ms", &Counters::response_time_max_ms},
                             {"total_time_max_ms", &Counters::total_time_max_ms}};

constexpr Named kTotals[] = {
    {"connections", &Counters::connections},
    {"sessions", &Counters::sessions},
    {"bytes_in", &Counters::bytes_in},
    {"bytes_out", &Counters::bytes_out},
    {"denied_requests", &Counters::denied_requests},
    {"denied_responses", &Counters::denied_responses},
    {"failed_requests", &Counters::failed_requests},
    {"failed_connections", &Counters::failed_connections},
    {"failed_responses", &Counters::failed_responses},
    {"retries", &Counters::retries},
    {"redispatches", &Counters::redispatches},
    {"requests", &Counters::requests},
    {"client_aborts", &Counters::client_aborts},
    {"server_aborts", &Counters::server_aborts},
    {"chosen", &Counters::chosen},
    {"connects", &Counters::connects},
    {"reuses", &Counters::reuses},
    {"denied_connections", &Counters::denied_connections},
    {"denied_sessions", &Counters::denied_sessions},
    {"internal_errors", &Counters::internal_errors},
    {"failed_rewrites", &Counters::failed_rewrites},
    {"intercepted", &Counters::intercepted},
    {"compressed_responses", &Counters::compressed_responses},
    {"compression_bypassed", &Counters::compression_bypassed},
    {"compression_in", &Counters::compression_in},
    {"compression_out", &Counters::compression_out},
    {"cache_lookups", &Counters::cache_lookups},
    {"cache_hits", &Counters::cache_hits},
    {"tls_sessions", &Counters::tls_sessions},
    {"tls_resumed", &Counters::tls_resumed},
    {"tls_failures", &Counters::tls_failures},
    {"h2_connections", &Counters::h2_connections},
    {"h2_streams", &Counters::h2_streams},
    {"h2_headers", &Counters::h2_headers},
    {"h2_data", &Counters::h2_data},
    {"h2_settings", &Counters::h2_settings},
    {"h2_resets", &Counters::h2_resets},
    {"h2_goaways", &Counters::h2_goaways},
    {"h2_resets_sent", &Counters::h2_resets_sent},
    {"h2_goaways_sent", &Counters::h2_goaways_sent},
    {"h2_connection_errors", &Counters::h2_connection_errors},
    {"h2_stream_errors", &Counters::h2_stream_errors},
    {"h2_bytes_in", &Counters::h2_bytes_in},
    {"h2_bytes_out", &Counters::h2_bytes_out},
};

// Sums that the averages are taken from by their difference: they never fall.
constexpr Named kSums[] = {{"queue_time_ms", &Counters::queue_time_ms},
                           {"connect_time_ms", &Counters::connect_time_ms},
                           {"response_time_ms", &Counters::response_time_ms},
                           {"total_time_ms", &Counters::total_time_ms},
                           {"time_samples", &Counters::time_samples}};

constexpr Member kGauges[] = {&Counters::sessions_now, &Counters::idle_safe, &Counters::idle_unsafe,
                              &Counters::h2_connections_now, &Counters::h2_streams_now};

// A counter that stands in none of the lists would never be cleared.
constexpr size_t kListed =
    std::size(kMaxima) + std::size(kTotals) + std::size(kSums) + std::size(kGauges) + std::size(Counters{}.responses);
static_assert(sizeof(Counters) == kListed * sizeof(Counter) + 3 * sizeof(RateCounter));

}  // namespace

Counter& CounterName::of(Counters& counters) const {
  return member ? counters.*member : counters.responses[response];
}

const Counter& CounterName::of(const Counters& counters) const {
  return member ? counters.*member : counters.responses[response];
}

std::span<const CounterName> counter_names() {
  static const std::vector<CounterName> all = [] {
    std::vector<CounterName> names;
    for (const Named& one : kMaxima) names.push_back({one.name, true, one.member});
    for (const Named& one : kTotals) names.push_back({one.name, false, one.member});
    for (const Named& one : kSums) names.push_back({one.name, false, one.member});
    constexpr std::string_view kResponses[] = {"responses_other", "responses_1xx", "responses_2xx",
                                               "responses_3xx",   "responses_4xx", "responses_5xx"};
    for (size_t i = 0; i < std::size(kResponses); ++i) names.push_back({kResponses[i], false, nullptr, i});
    return names;
  }();
  return all;
}

void Counters::clear_maxima() {
  for (const Named& one : kMaxima) (this->*one.member).clear();
}

void Counters::clear_totals() {
  for (const Named& one : kTotals) (this->*one.member).clear();
  for (Counter& counter : responses) counter.clear();
}

}  // namespace lbd::server
