// Timeline: what the daemons of all nodes say has happened, in one order, in which causes stand before their effects:
// that of clocks which nobody sets, whose differences syncd has measured (proto/events.proto). Where a difference was
// never measured, the clocks of the nodes are believed. Pure. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "proto/envelope.pb.h"

namespace lbctl {

struct Moment {
  base::WallTime when;       // by the clock of this node, as it is now
  base::Micros uncertainty;  // how far this may be off, seen from this node
  std::string node;
  tandem::Event event;
};

// `now`: of this node, when the replies came.
std::vector<Moment> timeline(const std::vector<tandem::EventsReply>& replies, base::WallTime now);

// A line for a person, in local time; `wide`: the longest name of a node.
std::string render_moment(const Moment& moment, size_t wide);
// An object in one line.
std::string render_moment_json(const Moment& moment);

// "90s", "10m", "2h", "1d".
std::optional<base::Seconds> parse_span(std::string_view text);

}  // namespace lbctl
