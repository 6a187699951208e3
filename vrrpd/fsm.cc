#include "vrrpd/fsm.h"

#include <utility>

#include "vrrpd/packet.h"

namespace vrrpd {
namespace {

using base::kNever;
using base::MonoTime;
using base::Nanos;
using Kind = Event::Kind;

// What a successor may take to say so after its timer.
constexpr base::Millis kSuccession{50};

// One event applied to a copy of the machine.
class Stepper {
 public:
  Stepper(const Settings& settings, const Machine& machine, MonoTime now)
      : settings_(settings), step_{machine, {}}, now_(now) {}

  Step run(const Event& event) {
    switch (m_.state) {
      case State::init:
        in_init(event);
        break;
      case State::fault:
        in_fault(event);
        break;
      case State::backup:
        in_backup(event);
        break;
      case State::master:
        in_master(event);
        break;
    }
    return step_;
  }

 private:
  void in_init(const Event& event) {
    if (event.kind == Kind::start) begin();
    if (event.kind == Kind::fail) rest(State::fault);
  }

  void in_fault(const Event& event) {
    if (event.kind == Kind::recover) begin();
    if (event.kind == Kind::stop || event.kind == Kind::leave) rest(State::init);
  }

  void in_backup(const Event& event) {
    switch (event.kind) {
      case Kind::timer:
        if (now_ - m_.due > m_.master_interval) return wait_on();
        return become_master();
      case Kind::promote:
      case Kind::invited:
        return become_master();
      case Kind::advert:
        return hear_as_backup(event);
      case Kind::leave:
      case Kind::stop:
        return rest(State::init);
      case Kind::fail:
        return rest(State::fault);
      case Kind::revised:
        if (settings_.version == 2) m_.master_interval = settings_.interval;
        m_.due = m_.heard + master_down_interval(settings_, m_.master_interval);
        return;
      default:
        return;
    }
  }

  // The timer comes so late that the node itself has slept (a paused machine, a starved CPU): adverts may have passed
  // unheard, so a living master gets the time to send one more.
  void wait_on() {
    m_.due = now_ + m_.master_interval + skew_time(settings_, m_.master_interval);
    m_.heard = m_.due - master_down_interval(settings_, m_.master_interval);
  }

  void hear_as_backup(const Event& event) {
    if (event.priority == kResignPriority) {
      // As if its last advert were so old that only Skew_Time is left.
      m_.due = now_ + (settings_.only_peer ? Nanos(0) : skew_time(settings_, m_.master_interval));
      m_.heard = m_.due - master_down_interval(settings_, m_.master_interval);
      return;
    }
    if (event.priority < settings_.priority) {
      if (settings_.preempt && preempt_delay_is_over()) return;  // the timer runs on
    } else {
      m_.preempt_at = kNever;
    }
    obey(event);
  }

  bool preempt_delay_is_over() {
    if (settings_.preempt_delay == Nanos(0)) return true;
    if (m_.preempt_at == kNever) m_.preempt_at = now_ + settings_.preempt_delay;
    return now_ >= m_.preempt_at;
  }

  void in_master(const Event& event) {
    if (m_.leaving) return in_leaving(event);
    if (now_ - m_.due > master_down_interval(settings_, settings_.interval)) {
      m_.doubting = true;
      m_.due = now_ + settings_.interval;
      if (event.kind == Kind::timer) return;
    }
    if (m_.doubting && event.kind == Kind::advert && event.priority != kResignPriority) {
      add(Action::resign);
      add(Action::release);
      return obey(event);
    }
    switch (event.kind) {
      case Kind::timer:
        // Whoever learnt another place for the addresses meanwhile learns this one again.
        if (std::exchange(m_.doubting, false)) add(Action::reassert);
        add(Action::advertise);
        // From the time it was due, not from when we woke up, so that the period does not drift.
        m_.due += settings_.interval;
        if (m_.due <= now_) m_.due = now_ + settings_.interval;
        return;
      case Kind::advert:
        return hear_as_master(event);
      case Kind::stop:
        return give_up(State::init);
      case Kind::leave:
        add(Action::resign);
        m_.leaving = true;
        m_.due = now_ + longest_skew() + kSuccession;
        return;
      case Kind::fail:
        return give_up(State::fault);
      case Kind::demote:
        add(Action::resign);
        add(Action::release);
        return wait_as_backup(settings_.interval);
      case Kind::yield:
        add(Action::resign);
        m_.leaving = m_.staying = true;
        m_.due = now_ + longest_skew() + kSuccession;
        return;
      case Kind::revised:
        m_.due = std::min(m_.due, now_ + settings_.interval);
        return;
      default:
        return;
    }
  }

  void in_leaving(const Event& event) {
    if (m_.staying) return in_yielding(event);
    const bool succeeded = event.kind == Kind::advert && event.priority != kResignPriority;
    const bool over = event.kind == Kind::timer || event.kind == Kind::stop || event.kind == Kind::fail;
    if (!succeeded && !over) return;
    add(Action::release);
    rest(State::init);
  }

  void in_yielding(const Event& event) {
    switch (event.kind) {
      case Kind::advert:
        if (event.priority == kResignPriority) return;
        add(Action::release);
        return obey(event);
      case Kind::demote:
        add(Action::release);
        return wait_as_backup(settings_.interval);
      case Kind::timer:  // nobody has followed
        m_.leaving = m_.staying = false;
        m_.due = now_ + settings_.interval;
        add(Action::advertise);
        return add(Action::reassert);
      case Kind::leave:
        m_.staying = false;
        return;
      case Kind::stop:
        add(Action::release);
        return rest(State::init);
      case Kind::fail:
        add(Action::release);
        return rest(State::fault);
      default:
        return;
    }
  }

  // That of the lowest priority.
  Nanos longest_skew() const {
    Settings lowest = settings_;
    lowest.priority = 1;
    return skew_time(lowest, settings_.interval);
  }

  void hear_as_master(const Event& event) {
    if (event.priority == kResignPriority) {
      // It had the addresses, too: clients may believe it.
      add(Action::advertise);
      add(Action::reassert);
      m_.due = now_ + settings_.interval;
      return;
    }
    if (event.priority > settings_.priority || (event.priority == settings_.priority && event.sender_is_greater)) {
      if (settings_.answer_higher) add(Action::advertise);
      add(Action::release);
      m_.state = State::backup;
      return obey(event);
    }
    if (settings_.answer_lower) add(Action::advertise);
    add(Action::reassert);
  }

  void begin() {
    m_.preempt_at = kNever;
    if (settings_.priority == kOwnerPriority) return become_master();
    wait_as_backup(settings_.interval);
  }

  void become_master() {
    m_.state = State::master;
    m_.preempt_at = kNever;
    m_.master_interval = settings_.interval;
    m_.due = now_ + settings_.interval;
    add(Action::advertise);
    add(Action::claim);
  }

  void wait_as_backup(Nanos master_interval) {
    m_.state = State::backup;
    m_.doubting = m_.leaving = m_.staying = false;
    m_.master_interval = master_interval;
    m_.heard = now_;
    m_.due = now_ + master_down_interval(settings_, master_interval);
  }

  void obey(const Event& event) { wait_as_backup(settings_.version == 2 ? settings_.interval : event.interval); }

  void give_up(State state) {
    add(Action::resign);
    add(Action::release);
    rest(state);
  }

  void rest(State state) {
    m_ = Machine{};
    m_.state = state;
  }

  void add(Action action) { step_.actions.add(action); }

  const Settings& settings_;
  Step step_;
  Machine& m_ = step_.machine;
  MonoTime now_;
};

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::init:
      return "INIT";
    case State::backup:
      return "BACKUP";
    case State::master:
      return "MASTER";
    case State::fault:
      return "FAULT";
  }
  return "";
}

Nanos skew_time(const Settings& settings, Nanos master_interval) {
  const Nanos unit = settings.version == 2 ? Nanos(base::Seconds(1)) : master_interval;
  return unit * (256 - settings.priority) / 256;
}

Nanos master_down_interval(const Settings& settings, Nanos master_interval) {
  return settings.down_adverts * master_interval + skew_time(settings, master_interval);
}

Step step(const Settings& settings, const Machine& machine, const Event& event, MonoTime now) {
  return Stepper(settings, machine, now).run(event);
}

}  // namespace vrrpd
