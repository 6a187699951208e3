#include "lbd/heir/figures.h"

#include <algorithm>
#include <array>

#include "lbd/server/counter_names.h"

namespace lbd::heir {
namespace {

constexpr int kObjectsOfMessage = 256;

using server::CounterName;
using server::Counters;

// Those of the process as a whole, behind those of objects in the list of names.
enum Process : size_t {
  cli_sessions,
  dropped_logs,
  received_logs,
  failed_reloads,
  tls_connections,
  tls_lookups,
  tls_misses,
  kProcess
};
constexpr std::array<std::string_view, kProcess> kProcessNames = {
    "cli_sessions",    "dropped_logs",      "received_logs",   "failed_reloads",
    "tls_connections", "tls_cache_lookups", "tls_cache_misses"};

std::string name_of(const server::Frontend& frontend) {
  return "F " + frontend.name();
}
std::string name_of(const server::Frontend& frontend, const server::Listener& listener) {
  return "L " + frontend.name() + "/" + listener.name;
}
std::string name_of(const server::Backend& backend) {
  return "B " + backend.name();
}
std::string name_of(const server::Server& server) {
  return "S " + server.backend().name() + "/" + server.name();
}

void put(tandem::Figures::Object& object, size_t name, uint64_t value) {
  if (value == 0) return;
  object.add_counters(static_cast<uint32_t>(name));
  object.add_values(value);
}

class Teller {
 public:
  Teller(stats::Statistics& statistics, const std::function<void(const tandem::Bequest&)>& tell)
      : statistics_(statistics), tell_(tell), now_(base::mono_now()) {
    begin();
  }
  void add(std::string name, uint32_t slot, uint32_t sessions_peak, uint32_t queue_peak) {
    tandem::Figures::Object& object = next(std::move(name));
    const stats::CounterBlocks& blocks = statistics_.blocks();
    const auto names = server::counter_names();
    for (size_t i = 0; i < names.size(); ++i) {
      const auto read = [&](const Counters& counters) { return names[i].of(counters).get(); };
      put(object, i, names[i].maximum ? blocks.highest(slot, read) : blocks.sum(slot, read));
    }
    object.set_last_session(blocks.highest(slot, [](const Counters& c) { return c.session_rate.last_event(); }));
    const stats::History& history = statistics_.source().history();
    const stats::History::Times times = history.times(slot);
    for (double part : {times.queue, times.connect, times.response, times.total, times.samples})
      object.add_window(part);
    const stats::History::Rates rates = history.rates(slot, now_);
    for (uint64_t most : {rates.sessions_max, rates.requests_max, rates.connections_max}) object.add_rates(most);
    for (uint32_t peak : {sessions_peak, queue_peak}) object.add_peaks(peak);
  }
  void add_process() {
    tandem::Figures::Object& object = next("");
    const size_t first = server::counter_names().size();
    const stats::ProcessFacts& facts = statistics_.facts();
    put(object, first + cli_sessions, facts.cli_sessions);
    put(object, first + received_logs, facts.received_logs);
    put(object, first + dropped_logs, facts.inherited_dropped_logs + (facts.dropped_logs ? facts.dropped_logs() : 0));
    put(object, first + failed_reloads, facts.failed_reloads.count);
    if (!facts.tls) return;
    put(object, first + tls_connections, facts.tls->connections_total.load());
    put(object, first + tls_lookups, facts.tls->cache_lookups.load());
    put(object, first + tls_misses, facts.tls->cache_misses.load());
  }
  void end() {
    if (bequest_.figures().objects_size() > 0) tell_(bequest_);
  }

 private:
  void begin() {
    bequest_.mutable_figures()->Clear();
    for (const CounterName& one : server::counter_names()) bequest_.mutable_figures()->add_names(std::string(one.name));
    for (std::string_view name : kProcessNames) bequest_.mutable_figures()->add_names(std::string(name));
  }
  tandem::Figures::Object& next(std::string name) {
    if (bequest_.figures().objects_size() == kObjectsOfMessage) {
      tell_(bequest_);
      begin();
    }
    tandem::Figures::Object& object = *bequest_.mutable_figures()->add_objects();
    object.set_name(std::move(name));
    return object;
  }

  stats::Statistics& statistics_;
  const std::function<void(const tandem::Bequest&)>& tell_;
  const base::MonoTime now_;
  tandem::Bequest bequest_;
};

}  // namespace

void tell_figures(stats::Statistics& statistics, const std::function<void(const tandem::Bequest&)>& tell) {
  Teller teller(statistics, tell);
  const server::Objects& objects = statistics.source().objects();
  for (const auto& frontend : objects.frontends()) {
    teller.add(name_of(*frontend), frontend->slot(), frontend->connections_peak.load(), 0);
    for (const auto& listener : frontend->listeners())
      if (listener->slot)
        teller.add(name_of(*frontend, *listener), *listener->slot, listener->connections_peak.load(), 0);
  }
  for (const auto& backend : objects.backends()) {
    teller.add(name_of(*backend), backend->slot(), backend->streams_peak.load(), backend->queue().max_size());
    for (const auto& server : backend->servers())
      teller.add(name_of(*server), server->slot(), server->served_peak(), server->queue().max_size());
  }
  teller.add_process();
  teller.end();
}

InheritedFigures::InheritedFigures(stats::Statistics& statistics) : statistics_(statistics) {
  const server::Objects& objects = statistics.source().objects();
  for (const auto& frontend : objects.frontends()) {
    places_[name_of(*frontend)] = {.slot = frontend->slot(), .frontend = frontend.get()};
    for (const auto& listener : frontend->listeners())
      if (listener->slot)
        places_[name_of(*frontend, *listener)] = {.slot = *listener->slot, .listener = listener.get()};
  }
  for (const auto& backend : objects.backends()) {
    places_[name_of(*backend)] = {.slot = backend->slot(), .backend = backend.get()};
    for (const auto& server : backend->servers())
      places_[name_of(*server)] = {.slot = server->slot(), .server = server.get()};
  }
}

// What does not grow was cleared there since.
uint64_t InheritedFigures::growth(std::vector<uint64_t>& seen, size_t at, uint64_t value) {
  if (seen.size() <= at) seen.resize(at + 1);
  const uint64_t before = std::exchange(seen[at], value);
  return value > before ? value - before : 0;
}

void InheritedFigures::take(const tandem::Figures& figures) {
  const auto names = server::counter_names();
  std::vector<const CounterName*> counters;
  for (const std::string& name : figures.names()) {
    const auto found = std::find_if(names.begin(), names.end(), [&](const auto& one) { return one.name == name; });
    counters.push_back(found == names.end() ? nullptr : &*found);
  }
  for (const tandem::Figures::Object& object : figures.objects()) {
    if (object.counters_size() != object.values_size()) continue;
    object.name().empty() ? take_process(figures, object) : take_object(counters, object);
  }
}

void InheritedFigures::take_process(const tandem::Figures& figures, const tandem::Figures::Object& object) {
  stats::ProcessFacts& facts = statistics_.facts();
  std::vector<uint64_t>& seen = seen_[""];
  for (int i = 0; i < object.counters_size(); ++i) {
    if (object.counters(i) >= static_cast<uint32_t>(figures.names_size())) continue;
    const std::string& name = figures.names(static_cast<int>(object.counters(i)));
    const auto found = std::find(kProcessNames.begin(), kProcessNames.end(), name);
    if (found == kProcessNames.end()) continue;
    const auto which = static_cast<size_t>(found - kProcessNames.begin());
    const uint64_t more = growth(seen, which, object.values(i));
    if (which == cli_sessions) facts.cli_sessions += more;
    if (which == received_logs) facts.received_logs += more;
    if (which == dropped_logs) facts.inherited_dropped_logs += more;
    if (which == failed_reloads) facts.failed_reloads.count += more;
    if (!facts.tls) continue;
    if (which == tls_connections) facts.tls->connections_total += more;
    if (which == tls_lookups) facts.tls->cache_lookups += more;
    if (which == tls_misses) facts.tls->cache_misses += more;
  }
}

void InheritedFigures::take_object(std::span<const CounterName* const> counters,
                                   const tandem::Figures::Object& object) {
  const auto place = places_.find(object.name());
  if (place == places_.end()) return;
  const auto& [slot, frontend, listener, backend, server] = place->second;
  Counters& inherited = statistics_.blocks().inherited(slot);
  const bool first = !seen_.contains(object.name());
  std::vector<uint64_t>& seen = seen_[object.name()];
  const CounterName* const first_name = server::counter_names().data();
  for (int i = 0; i < object.counters_size(); ++i) {
    const CounterName* counter = object.counters(i) < counters.size() ? counters[object.counters(i)] : nullptr;
    if (!counter) continue;
    if (counter->maximum)
      counter->of(inherited).raise_to(object.values(i));
    else
      counter->of(inherited).add(growth(seen, static_cast<size_t>(counter - first_name), object.values(i)));
  }
  if (object.last_session() > inherited.session_rate.last_event()) inherited.session_rate.add(object.last_session(), 0);
  if (object.peaks_size() >= 2) {
    if (frontend) server::raise_peak(frontend->connections_peak, object.peaks(0));
    if (listener) server::raise_peak(listener->connections_peak, object.peaks(0));
    if (backend) server::raise_peak(backend->streams_peak, object.peaks(0));
    if (backend) backend->queue().raise_max(object.peaks(1));
    if (server) server->raise_served_peak(object.peaks(0));
    if (server) server->queue().raise_max(object.peaks(1));
  }
  // The averages go on from where they were; what the testator counts later is part of them as it is counted here.
  if (first && object.window_size() >= 5 && object.rates_size() >= 3)
    statistics_.inherit(slot, {object.rates(0), object.rates(1), object.rates(2)},
                        {object.window(0), object.window(1), object.window(2), object.window(3), object.window(4)});
}

}  // namespace lbd::heir
