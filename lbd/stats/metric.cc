#include "lbd/stats/metric.h"

#include <algorithm>

#include "lbd/stats/source.h"

namespace lbd::stats {

using server::Counters;

uint32_t id_of(const server::Server& server) {
  return server.config().id ? server.config().id : server.index() + 1;
}

std::string_view Object::name() const {
  switch (scope) {
    case Scope::frontend:
      return "FRONTEND";
    case Scope::backend:
      return "BACKEND";
    case Scope::listener:
      return listener->name;
    case Scope::server:
      break;
  }
  return server->name();
}

uint32_t Object::id() const {
  return server ? id_of(*server) : listener ? listener->number() : 0;
}

uint64_t Object::sum(server::Counter Counters::*counter) const {
  return source.blocks().sum(slot, [&](const Counters& c) { return (c.*counter).get(); });
}

uint64_t Object::highest(server::Counter Counters::*counter) const {
  return source.blocks().highest(slot, [&](const Counters& c) { return (c.*counter).get(); });
}

uint64_t Object::rate(server::RateCounter Counters::*counter) const {
  return source.blocks().sum(slot, [&](const Counters& c) { return (c.*counter).rate(now); });
}

Value read(const Metric& metric, const Object& object) {
  if (!(metric.scopes & bit_of(object.scope))) return Value::nothing();
  if (metric.http_only && !object.http()) return Value::nothing();
  return metric.read(object);
}

const std::vector<const Metric*>& columns() {
  static const std::vector<const Metric*> all = [] {
    std::vector<const Metric*> rows;
    base::Registered<Metric>::for_each([&](const Metric& metric) {
      auto at = static_cast<size_t>(metric.position);
      if (rows.size() <= at) rows.resize(at + 1, nullptr);
      CHECK(!rows[at] && "two metrics have one position");
      rows[at] = &metric;
    });
    return rows;
  }();
  return all;
}

}  // namespace lbd::stats
