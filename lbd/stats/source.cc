#include "lbd/stats/source.h"

#include <algorithm>

namespace lbd::stats {

using server::Counters;
using server::RateCounter;

History::Seen History::totals(size_t slot) const {
  return {blocks_.sum(slot, [](const Counters& c) { return c.queue_time_ms.get(); }),
          blocks_.sum(slot, [](const Counters& c) { return c.connect_time_ms.get(); }),
          blocks_.sum(slot, [](const Counters& c) { return c.response_time_ms.get(); }),
          blocks_.sum(slot, [](const Counters& c) { return c.total_time_ms.get(); }),
          blocks_.sum(slot, [](const Counters& c) { return c.time_samples.get(); })};
}

History::Times History::advance(const Times& window, const Seen& from, const Seen& to) {
  auto added = static_cast<double>(to.samples - from.samples);
  if (added <= 0) return window;
  // What is new displaces as much of what is old; more than a window's worth displaces all of it.
  double room = std::max(0.0, kWindow - added);
  double keep = window.samples > room ? room / window.samples : 1.0;
  double take = added > kWindow ? kWindow / added : 1.0;
  auto mix = [&](double old, uint64_t before, uint64_t after) {
    return old * keep + static_cast<double>(after - before) * take;
  };
  return {mix(window.queue, from.queue, to.queue), mix(window.connect, from.connect, to.connect),
          mix(window.response, from.response, to.response), mix(window.total, from.total, to.total),
          window.samples * keep + added * take};
}

void History::tick(base::MonoTime now) {
  for (size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    slot.rates = rates(i, now);
    Seen seen = totals(i);
    slot.times = advance(slot.times, slot.seen, seen);
    slot.seen = seen;
  }
}

void History::clear(bool all) {
  for (size_t i = 0; i < slots_.size(); ++i) slots_[i] = {{}, all ? Times{} : times(i), totals(i)};
}

void History::open(size_t slot) {
  if (slots_.size() <= slot) slots_.resize(slot + 1);
  slots_[slot] = {};
}

void History::inherit(size_t slot, const Rates& rates, const Times& times) {
  slots_[slot] = {rates, times, totals(slot)};
}

History::Times History::times(size_t slot) const {
  return advance(slots_[slot].times, slots_[slot].seen, totals(slot));
}

History::Rates History::rates(size_t slot, base::MonoTime now) const {
  Rates rates = slots_[slot].rates;
  uint64_t second = RateCounter::second_of(now);
  auto raise = [&](uint64_t& most, RateCounter Counters::*counter) {
    most = std::max(most, blocks_.sum(slot, [&](const Counters& c) { return (c.*counter).last_second(second); }));
    // The running second counts as far as it has come.
    most = std::max(most, blocks_.sum(slot, [&](const Counters& c) { return (c.*counter).this_second(second); }));
  };
  raise(rates.sessions_max, &Counters::session_rate);
  raise(rates.requests_max, &Counters::request_rate);
  raise(rates.connections_max, &Counters::connection_rate);
  return rates;
}

std::vector<Object> Source::objects_of(const config::Proxy& proxy, base::MonoTime now) const {
  std::vector<Object> all;
  if (const server::Frontend* frontend = objects_.frontend(&proxy)) {
    all.push_back({Scope::frontend, *this, proxy, frontend, nullptr, nullptr, nullptr, frontend->slot(), now});
    for (const auto& listener : frontend->listeners())
      if (listener->slot)
        all.push_back(
            {Scope::listener, *this, proxy, frontend, nullptr, nullptr, listener.get(), *listener->slot, now});
  }
  if (const server::Backend* backend = objects_.backend(&proxy)) {
    for (const auto& server : backend->servers())
      all.push_back({Scope::server, *this, proxy, nullptr, backend, server.get(), nullptr, server->slot(), now});
    all.push_back({Scope::backend, *this, proxy, nullptr, backend, nullptr, nullptr, backend->slot(), now});
  }
  return all;
}

bool Source::selected(const Selection& selection, const Object& object) {
  if (selection.proxy && selection.proxy != &object.proxy) return false;
  if (!(selection.scopes & bit_of(object.scope))) return false;
  if (object.proxy.name.find(selection.name_contains) == std::string::npos) return false;
  if (selection.server_id >= 0 && object.id() && object.id() != selection.server_id) return false;
  if (!object.server) return true;
  if (selection.only_up && !object.server->up()) return false;
  if (selection.hide_maintenance && (object.server->admin() & server::kMaintenance)) return false;
  return true;
}

}  // namespace lbd::stats
