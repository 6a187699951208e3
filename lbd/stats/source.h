// Source: where the statistics come from: the configuration, the running objects, the workers' counters and the
// history of rates. It lists the objects in the order of the configuration.
//
// History: what no counter can say by itself: the highest rate of any second, and times averaged over about the last
// 1024 exchanges. tick() takes a sample once a second.
//
// Life: made at start, as long as the process. Thread: the control thread. Errors: none.
#pragma once

#include <string_view>
#include <vector>

#include "lbd/server/objects.h"
#include "lbd/stats/blocks.h"
#include "lbd/stats/metric.h"

namespace lbd::stats {

class History {
 public:
  struct Rates {
    uint64_t sessions_max = 0, requests_max = 0, connections_max = 0;
  };
  struct Times {
    double queue = 0, connect = 0, response = 0, total = 0, samples = 0;  // milliseconds, sums over the window
  };
  History(const CounterBlocks& blocks) : blocks_(blocks), slots_(blocks.slots()) {}

  // Once a second: closes the second before `now`.
  void tick(base::MonoTime now);
  // Goes on where another process was; what `blocks` have now is part of it.
  void inherit(size_t slot, const Rates& rates, const Times& times);
  void open(size_t slot);  // it is empty
  // The maxima begin anew, with `all` also the averages.
  void clear(bool all);
  // Brings the window of times up to now as well.
  Times times(size_t slot) const;
  Rates rates(size_t slot, base::MonoTime now) const;

 private:
  struct Seen {
    uint64_t queue = 0, connect = 0, response = 0, total = 0, samples = 0;
  };
  struct Slot {
    Rates rates;
    Times times;
    Seen seen;
  };
  static constexpr double kWindow = 1024;
  Seen totals(size_t slot) const;
  static Times advance(const Times& window, const Seen& from, const Seen& to);

  const CounterBlocks& blocks_;
  std::vector<Slot> slots_;
};

// What `show stat <proxy> <types> <server>` and the page's ;up, ;no-maint and scope leave.
struct Selection {
  const config::Proxy* proxy = nullptr;  // null: all
  uint8_t scopes = 0xff;
  int64_t server_id = -1;  // -1: all
  bool only_up = false, hide_maintenance = false;
  bool legends = true;
  std::string_view name_contains;  // of proxies
};

class Source {
 public:
  Source(const config::Config& config, const server::Objects& objects, const CounterBlocks& blocks, History& history,
         base::MonoTime started)
      : config_(config), objects_(objects), blocks_(blocks), history_(history), started_(started) {}

  // Those of the configuration in its order, then those that came at run time.
  template <typename Visit>
  void for_each_proxy(Visit visit) const {
    for (const auto& proxy : config_.proxies) visit(*proxy);
    for (const config::Proxy* proxy : objects_.added_proxies()) visit(*proxy);
  }
  template <typename Visit>
  void for_each(const Selection& selection, base::MonoTime now, Visit visit) const {
    for_each_proxy([&](const config::Proxy& proxy) {
      for (const Object& object : objects_of(proxy, now))
        if (selected(selection, object)) visit(object);
    });
  }
  // FRONTEND, then listeners, servers, BACKEND.
  std::vector<Object> objects_of(const config::Proxy& proxy, base::MonoTime now) const;

  const config::Config& config() const { return config_; }
  const server::Objects& objects() const { return objects_; }
  const CounterBlocks& blocks() const { return blocks_; }
  const History& history() const { return history_; }
  base::MonoTime started() const { return started_; }

 private:
  static bool selected(const Selection& selection, const Object& object);

  const config::Config& config_;
  const server::Objects& objects_;
  const CounterBlocks& blocks_;
  History& history_;
  base::MonoTime started_;
};

}  // namespace lbd::stats
