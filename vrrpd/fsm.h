// The VRRP state machine of one virtual router, as a pure function: (settings, machine, event, now) → (machine,
// actions). It reads no clock, opens nothing and logs nothing; instance.cc performs the actions in their order and
// arms one timer for `due`.
//
//                     start, priority 255
//        +--------------------------------------------------+
//        |                                                  v
//   +---------+  start, priority < 255   +--------+  timer, promote  +--------+
//   |  init   | -----------------------> | backup | ---------------> | master | --+ timer, priority 0 heard,
//   +---------+                          +--------+ <--------------- +--------+ <-+ lower priority heard: advertise
//     ^  ^  ^                             |  ^    higher heard, demote    |  |
//     |  |  |          stop               |  | recover, priority < 255    |  |
//     |  |  +-----------------------------+  |                            |  |
//     |  |             stop: resign          |        fail: resign        |  |
//     |  +-----------------------------------|----------------------------+  |
//     |  stop                                |                               |
//     +----------------------------------- fault <---------------------------+   (also fail in backup and init;
//                                             recover with priority 255 goes to master)
//
// Timers (RFC 9568 6.1, RFC 3768 6.1):
//   Skew_Time            v3: (256 - priority) * Master_Adver_Interval / 256     v2: (256 - priority) / 256 s
//   Master_Down_Interval v3: 3 * Master_Adver_Interval + Skew_Time              v2: 3 * Advertisement_Interval + Skew
// Where RFC 5798 and RFC 9568 differ (an advert at once in answer to a lower priority) the newer one holds unless
// switched off. A master that gives way says so with one more advert of its own: after a split the winner might not
// have heard it, and would not know that it has to announce the addresses again. A Master_Down_Timer that fires more
// than an interval late proves that this node has slept, not that the master is silent, and is extended once. A master
// whose Adver_Timer is late by more than a Master_Down_Interval has slept so long that another router may have its
// place: it listens for an interval first, and gives way to whomever it hears, be its priority lower (it may then
// preempt as any backup may); it resigns then, so that the other one announces the addresses again, which this node has
// answered for meanwhile. preempt_delay follows keepalived: while it runs, a master of lower priority is obeyed; it
// delays no takeover from a silent master.
//
// Event::leave is a stop without a gap: priority 0 is sent, but the addresses stay up until another router says that it
// is master, or none can be expected to say so any more (each waits at most a Skew_Time). To the RFCs this is a master
// that is slow to clean up; clients have an address that answers all the time. Event::yield does the same to become a
// backup, and takes it back when nobody follows.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace vrrpd {

enum class State : uint8_t { init, backup, master, fault };
std::string_view to_string(State state);  // "INIT", "BACKUP" … as notify scripts get them

// What the machine needs to know of the configuration and the trackers. May change while it runs (Event::revised).
struct Settings {
  uint8_t version = 3;
  uint8_t priority = 100;                   // effective: 1..255
  base::Nanos interval = base::Seconds(1);  // Advertisement_Interval
  bool preempt = true;
  base::Nanos preempt_delay{};
  unsigned down_adverts = 3;
  bool answer_lower = true;  // RFC 9568 6.4.3: assert mastership at once
  // The master is the only other router, so that nobody contends for its place when it resigns: no Skew_Time then.
  bool only_peer = false;
  bool answer_higher = false;  // advertise once more before giving way, so that the winner announces itself again
};

struct Machine {
  State state = State::init;
  base::Nanos master_interval{};             // Master_Adver_Interval; in v2 it stays the own one
  base::MonoTime due = base::kNever;         // Adver_Timer as master, Master_Down_Timer as backup
  base::MonoTime heard = base::kNever;       // last advert that was obeyed, or the start of the wait
  base::MonoTime preempt_at = base::kNever;  // end of preempt_delay; kNever while no lower master is heard
  bool doubting = false;                     // master that has slept and listens whether it still is one, until `due`
  bool leaving = false;                      // master that has resigned and waits for a successor until `due`
  bool staying = false;                      // it becomes a backup then; with no successor it goes on as master

  bool operator==(const Machine&) const = default;
};

struct Event {
  enum class Kind : uint8_t {
    start,
    stop,
    leave,    // stop, with the addresses up until somebody else has them
    yield,    // likewise, to become a backup: another router should serve
    timer,    // `due` has come
    advert,   // a valid one of another router
    fail,     // the interface or something without weight went down
    recover,  // and everything is up again
    revised,  // Settings changed
    promote,  // the sync group moves
    demote,
    invited,  // the master has given up and wants us to follow
  };
  Kind kind;
  uint8_t priority = 0;            // advert
  base::Nanos interval{};          // advert: what it says
  bool sender_is_greater = false;  // advert: its source address is greater than ours, in network order

  static Event advert(uint8_t priority, base::Nanos interval, bool sender_is_greater) {
    return {Kind::advert, priority, interval, sender_is_greater};
  }
};

enum class Action : uint8_t {
  advertise,  // send an advert with the current priority
  resign,     // send one with priority 0
  claim,      // put the addresses up and announce them (gratuitous ARP, unsolicited NA)
  reassert,   // announce them again: somebody else claimed them meanwhile
  release,    // take the addresses down
};

class Actions {
 public:
  void add(Action action) {
    CHECK(count_ < all_.size());
    all_[count_++] = action;
  }
  const Action* begin() const { return all_.data(); }
  const Action* end() const { return all_.data() + count_; }
  bool empty() const { return count_ == 0; }

 private:
  std::array<Action, 4> all_{};
  uint8_t count_ = 0;
};

struct Step {
  Machine machine;
  Actions actions;
};
Step step(const Settings& settings, const Machine& machine, const Event& event, base::MonoTime now);

base::Nanos skew_time(const Settings& settings, base::Nanos master_interval);
base::Nanos master_down_interval(const Settings& settings, base::Nanos master_interval);

}  // namespace vrrpd
