// CounterName: what a counter is called for as long as there are processes that count it: a process goes on from what
// the one before it counted, and may be of another version.
//
// All that only grows, and the maxima; what tells how things are now is not in the list. Constant. Thread: any.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "lbd/server/counters.h"

namespace lbd::server {

struct CounterName {
  std::string_view name;
  bool maximum;
  Counter Counters::*member;  // null: one of the classes of responses
  size_t response = 0;

  Counter& of(Counters& counters) const;
  const Counter& of(const Counters& counters) const;
};

std::span<const CounterName> counter_names();

}  // namespace lbd::server
