// Chronicle: what happened on this node and on the others (proto/events.proto), kept beyond the end of the processes
// that told it, so that `lbctl events` can make one story of it, also of a node that is gone.
//
// Of each daemon of a node, and each start of its system, the last kKept events are kept, so that servers that come and
// go do not push out who was master; of a node's earlier starts one. What is told again is left out. Texts are cut.
// Life: that of syncd. Thread: that of the loop. Errors: none; what makes no sense is left out.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "proto/envelope.pb.h"

namespace syncd {

// The difference of two clocks, of which one end of a link asks the other: of the last answers that which came the
// soonest says the most. Pure.
class ClockDifference {
 public:
  static constexpr size_t kAnswers = 8;
  // Asked and heard by the own clock, answered by the other one. Nonsense is left out.
  void take(base::Micros asked, base::Micros answered, base::Micros heard);
  bool known() const { return !answers_.empty(); }
  base::Micros offset() const;       // to be added to the other clock
  base::Micros uncertainty() const;  // half the way there and back

 private:
  struct Answer {
    base::Micros offset, delay;
  };
  const Answer& best() const;
  std::deque<Answer> answers_;
};

class Chronicle {
 public:
  static constexpr size_t kDaemons = 4;  // of a node, that tell
  static constexpr size_t kKept = 256;
  static constexpr size_t kBoots = 2;  // of another node

  // What is new of this node goes to `tell`, for the other nodes. `boot`: of this system.
  Chronicle(uint64_t generation, uint64_t boot, std::function<void(const tandem::Envelope&)> tell)
      : generation_(generation), boot_(boot), tell_(std::move(tell)) {}

  // A daemon of this node tells.
  void add_local(const tandem::Hello& who, const tandem::Events& events);
  // Another node tells.
  void add_remote(const std::string& node, const tandem::Events& events);
  void set_clock(const std::string& node, uint64_t boot, const ClockDifference& difference);
  // All of this node, for another one.
  tandem::Envelope local() const;
  // For lbctl; `own`: the name of this node.
  std::vector<tandem::Envelope> reply(const tandem::EventsRequest& request, const std::string& own) const;
  uint64_t boot() const { return boot_; }

 private:
  struct Kept {
    uint64_t arrived;
    tandem::Event event;
  };
  struct Source {
    uint64_t boot = 0;
    std::array<std::deque<Kept>, kDaemons> of_daemons;
    bool clock_known = false;
    base::Micros offset{}, uncertainty{};
    // False: it was known, or is none.
    bool add(tandem::Event event, uint64_t arrived);
    void write(tandem::Events& to, uint64_t after) const;
  };
  Source& source(const std::string& node, uint64_t boot);

  const uint64_t generation_, boot_;
  const std::function<void(const tandem::Envelope&)> tell_;
  std::map<std::string, std::deque<Source>> others_;  // of each node the latest start last
  Source own_;
  uint64_t arrived_ = 0;
};

}  // namespace syncd
