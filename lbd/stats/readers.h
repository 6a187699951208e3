// Readers that many metric rows share: a counter summed over the workers, a rate, an HTTP status class.
// Compile-time functions for the `read` member of a Metric.
#pragma once

#include "lbd/stats/metric.h"
#include "lbd/stats/source.h"

namespace lbd::stats {

constexpr uint8_t kAll = kFrontend | kBackend | kServer | kListener;
constexpr uint8_t kProxies = kFrontend | kBackend;
constexpr uint8_t kBackside = kBackend | kServer;
constexpr uint8_t kAnswering = kFrontend | kBackend | kServer;

template <server::Counter server::Counters::*Member>
Value total(const Object& object) {
  return Value::u64(object.sum(Member));
}

template <server::Counter server::Counters::*Member>
Value maximum(const Object& object) {
  return Value::u32(object.highest(Member));
}

template <server::RateCounter server::Counters::*Member>
Value rate(const Object& object) {
  return Value::u32(object.rate(Member));
}

template <size_t Class>
Value responses(const Object& object) {
  return Value::u64(object.source.blocks().sum(
      object.slot, [](const server::Counters& counters) { return counters.responses[Class].get(); }));
}

inline Value zero(const Object&) {
  return Value::u64(0);
}

}  // namespace lbd::stats
