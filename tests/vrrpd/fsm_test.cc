#include "vrrpd/fsm.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vrrpd {
namespace {

using base::Millis;
using base::MonoTime;
using base::Nanos;
using base::Seconds;
using Kind = Event::Kind;

const MonoTime kNow{Seconds(1000)};
constexpr Nanos kSecond = Seconds(1);

Settings settings(uint8_t priority, uint8_t version = 3, Nanos interval = kSecond) {
  Settings s;
  s.priority = priority;
  s.version = version;
  s.interval = interval;
  return s;
}

std::string names(const Actions& actions) {
  std::string text;
  for (Action action : actions) {
    if (!text.empty()) text += ' ';
    switch (action) {
      case Action::advertise:
        text += "advertise";
        break;
      case Action::resign:
        text += "resign";
        break;
      case Action::claim:
        text += "claim";
        break;
      case Action::reassert:
        text += "reassert";
        break;
      case Action::release:
        text += "release";
        break;
    }
  }
  return text;
}

Machine started(const Settings& s) {
  return step(s, Machine{}, {Kind::start}, kNow).machine;
}
Machine master(const Settings& s) {
  return step(s, started(s), {Kind::timer}, kNow).machine;
}
Machine leaving(const Settings& s) {
  return step(s, master(s), {Kind::leave}, kNow).machine;
}
Machine fault(const Settings& s) {
  return step(s, started(s), {Kind::fail}, kNow).machine;
}

struct IntervalCase {
  uint8_t version, priority;
  Nanos interval;
  Nanos skew, down;
};

TEST(Fsm, IntervalsAreThoseOfTheRfcs) {
  const IntervalCase cases[] = {
      {3, 100, kSecond, Nanos(609'375'000), Nanos(3'609'375'000)},
      {3, 254, kSecond, Nanos(7'812'500), Nanos(3'007'812'500)},
      {3, 1, kSecond, Nanos(996'093'750), Nanos(3'996'093'750)},
      {3, 100, Millis(100), Nanos(60'937'500), Nanos(360'937'500)},
      {3, 254, Millis(10), Nanos(78'125), Nanos(30'078'125)},
      {2, 100, kSecond, Nanos(609'375'000), Nanos(3'609'375'000)},
      {2, 100, Seconds(5), Nanos(609'375'000), Nanos(15'609'375'000)},  // v2: the skew does not scale
      {3, 100, Seconds(5), Nanos(3'046'875'000), Nanos(18'046'875'000)},
  };
  for (const IntervalCase& c : cases) {
    SCOPED_TRACE(testing::Message() << int(c.version) << " " << int(c.priority) << " " << c.interval.count());
    EXPECT_EQ(skew_time(settings(c.priority, c.version), c.interval), c.skew);
    EXPECT_EQ(master_down_interval(settings(c.priority, c.version), c.interval), c.down);
  }
}

struct TransitionCase {
  const char* what;
  Settings settings;
  Machine from;
  Event event;
  State to;
  const char* actions;
  Nanos due_in;  // negative: no timer
};

TEST(Fsm, Transitions) {
  const Settings s = settings(100);
  const Settings owner = settings(255);
  Settings meek = s, polite = s, rfc5798 = s;
  meek.preempt = false;
  polite.answer_higher = true;
  rfc5798.answer_lower = false;
  const Nanos down = master_down_interval(s, kSecond);
  const Nanos skew = skew_time(s, kSecond);
  const Nanos none{-1};
  const auto heard = [](uint8_t priority, bool greater = false, Nanos interval = kSecond) {
    return Event::advert(priority, interval, greater);
  };

  const TransitionCase cases[] = {
      {"start waits as backup", s, {}, {Kind::start}, State::backup, "", down},
      {"the owner starts as master", owner, {}, {Kind::start}, State::master, "advertise claim", kSecond},
      {"failed before the start", s, {}, {Kind::fail}, State::fault, "", none},
      {"nothing else moves init", s, {}, heard(200), State::init, "", none},

      {"silence", s, started(s), {Kind::timer}, State::master, "advertise claim", kSecond},
      {"promoted with its group", s, started(s), {Kind::promote}, State::master, "advertise claim", kSecond},
      {"the master resigns", s, started(s), heard(0), State::backup, "", skew},
      {"a higher master", s, started(s), heard(101), State::backup, "", down},
      {"an equal one, whatever its address", s, started(s), heard(100), State::backup, "", down},
      {"interval learnt", s, started(s), heard(200, true, Seconds(2)), State::backup, "",
       master_down_interval(s, Seconds(2))},
      {"v2 learns none", settings(100, 2), started(settings(100, 2)), heard(200, true, Seconds(2)), State::backup, "",
       down},
      {"no preemption: a lower one is obeyed", meek, started(meek), heard(50), State::backup, "", down},
      {"backup fails", s, started(s), {Kind::fail}, State::fault, "", none},
      {"backup stops", s, started(s), {Kind::stop}, State::init, "", none},
      {"backup leaves", s, started(s), {Kind::leave}, State::init, "", none},

      {"time to advertise", s, master(s), {Kind::timer}, State::master, "advertise", 2 * kSecond},
      {"somebody resigns", s, master(s), heard(0), State::master, "advertise reassert", kSecond},
      {"a higher one", s, master(s), heard(101), State::backup, "release", down},
      {"a higher one, polite", polite, master(polite), heard(101), State::backup, "advertise release", down},
      {"equal, greater address", s, master(s), heard(100, true), State::backup, "release", down},
      {"equal, smaller address", s, master(s), heard(100, false), State::master, "advertise reassert", kSecond},
      {"a lower one", s, master(s), heard(99, true), State::master, "advertise reassert", kSecond},
      {"a lower one before RFC 9568", rfc5798, master(rfc5798), heard(99, true), State::master, "reassert", kSecond},
      {"the interval of the winner", s, master(s), heard(200, false, Millis(500)), State::backup, "release",
       master_down_interval(s, Millis(500))},
      {"owner against owner", owner, started(owner), heard(255, false), State::master, "advertise reassert", kSecond},
      {"stop", s, master(s), {Kind::stop}, State::init, "resign release", none},
      {"fail", s, master(s), {Kind::fail}, State::fault, "resign release", none},
      {"demoted with its group", s, master(s), {Kind::demote}, State::backup, "resign release", down},

      {"recover", s, fault(s), {Kind::recover}, State::backup, "", down},
      {"recover as owner", owner, fault(s), {Kind::recover}, State::master, "advertise claim", kSecond},
      {"deaf while failed", s, fault(s), heard(0), State::fault, "", none},
      {"named as successor", s, started(s), {Kind::invited}, State::master, "advertise claim", kSecond},
      {"named as successor, but in fault", s, fault(s), {Kind::invited}, State::fault, "", none},
      {"promotion does not heal", s, fault(s), {Kind::promote}, State::fault, "", none},
      {"leave while failed", s, fault(s), {Kind::leave}, State::init, "", none},
      {"stop while failed", s, fault(s), {Kind::stop}, State::init, "", none},
  };
  for (const TransitionCase& c : cases) {
    SCOPED_TRACE(c.what);
    const Step next = step(c.settings, c.from, c.event, kNow);
    EXPECT_EQ(to_string(next.machine.state), to_string(c.to));
    EXPECT_EQ(names(next.actions), c.actions);
    EXPECT_EQ(next.machine.due, c.due_in < Nanos(0) ? base::kNever : kNow + c.due_in);
  }
}

TEST(Fsm, ALowerMasterIsPreemptedWhenTheFirstWaitEnds) {
  const Settings s = settings(100);
  Machine m = started(s);
  const MonoTime end = m.due;
  for (int i = 1; i <= 3; ++i) {
    m = step(s, m, Event::advert(50, kSecond, true), kNow + i * kSecond).machine;
    EXPECT_EQ(m.due, end);
  }
  EXPECT_EQ(step(s, m, {Kind::timer}, end).machine.state, State::master);
}

TEST(Fsm, PreemptDelayObeysALowerMasterUntilItEnds) {
  Settings s = settings(100);
  s.preempt_delay = Seconds(5);
  Machine m = started(s);
  for (int i = 1; i < 6; ++i) {
    const MonoTime now = kNow + i * kSecond;
    m = step(s, m, Event::advert(50, kSecond, true), now).machine;
    EXPECT_EQ(m.due, now + master_down_interval(s, kSecond)) << i;
  }
  const MonoTime due = m.due;  // the delay began with the first advert, so it ends here
  m = step(s, m, Event::advert(50, kSecond, true), kNow + Seconds(6)).machine;
  EXPECT_EQ(m.due, due);
}

TEST(Fsm, PreemptDelayBeginsAnewAfterAHigherMaster) {
  Settings s = settings(100);
  s.preempt_delay = Seconds(5);
  Machine m = step(s, started(s), Event::advert(50, kSecond, true), kNow).machine;
  m = step(s, m, Event::advert(150, kSecond, true), kNow + Seconds(4)).machine;
  m = step(s, m, Event::advert(50, kSecond, true), kNow + Seconds(6)).machine;
  EXPECT_EQ(m.due, kNow + Seconds(6) + master_down_interval(s, kSecond));
}

TEST(Fsm, PreemptDelayDelaysNoTakeoverFromSilence) {
  Settings s = settings(100);
  s.preempt_delay = Seconds(300);
  const Machine m = started(s);
  EXPECT_EQ(m.due, kNow + master_down_interval(s, kSecond));
  EXPECT_EQ(step(s, m, {Kind::timer}, m.due).machine.state, State::master);
}

TEST(Fsm, APriorityThatChangesMovesTheRunningWait) {
  Machine m = started(settings(100));
  m = step(settings(200), m, {Kind::revised}, kNow + kSecond).machine;
  EXPECT_EQ(m.due, kNow + master_down_interval(settings(200), kSecond));
}

TEST(Fsm, APriorityThatChangesAfterAResignationKeepsTheShortWait) {
  Machine m = step(settings(100), started(settings(100)), Event::advert(0, kSecond, true), kNow).machine;
  m = step(settings(200), m, {Kind::revised}, kNow).machine;
  EXPECT_LE(m.due, kNow + skew_time(settings(100), kSecond));
}

TEST(Fsm, ANodeThatSleptListensOnceMore) {
  const Settings s = settings(100, 3, Millis(100));
  const Machine m = started(s);
  EXPECT_EQ(step(s, m, {Kind::timer}, m.due + Millis(99)).machine.state, State::master);
  const MonoTime woken = m.due + Seconds(30);
  Step next = step(s, m, {Kind::timer}, woken);
  EXPECT_EQ(next.machine.state, State::backup);
  EXPECT_EQ(next.machine.due, woken + Millis(100) + skew_time(s, Millis(100)));
  EXPECT_EQ(step(s, next.machine, {Kind::timer}, next.machine.due).machine.state, State::master);
}

TEST(Fsm, AdvertsDoNotDriftWithLateWakeUps) {
  const Settings s = settings(100, 3, Millis(100));
  Machine m = master(s);
  const MonoTime first = m.due;
  for (int i = 0; i < 10; ++i) m = step(s, m, {Kind::timer}, m.due + Millis(3)).machine;
  EXPECT_EQ(m.due, first + 10 * Millis(100));
  // After a long sleep the missed ones are not made up for.
  m = step(s, m, {Kind::timer}, m.due + Seconds(5)).machine;
  EXPECT_EQ(m.due, first + 10 * Millis(100) + Seconds(5) + Millis(100));
}

// Priority 0 at once, the addresses until somebody else has them.
TEST(Fsm, AMasterLeavesWithoutAGap) {
  const Settings s = settings(100);
  const Step first = step(s, master(s), {Kind::leave}, kNow);
  EXPECT_EQ(names(first.actions), "resign");
  EXPECT_EQ(first.machine.state, State::master);
  // As long as the backup of the lowest priority may take, and a little.
  EXPECT_EQ(first.machine.due, kNow + kSecond * 255 / 256 + Millis(50));

  const Step ignored = step(s, leaving(s), Event::advert(0, kSecond, true), kNow);
  EXPECT_EQ(names(ignored.actions), "");
  EXPECT_TRUE(ignored.machine.leaving);
  for (const Event& event :
       {Event::advert(50, kSecond, false), Event{Kind::timer}, Event{Kind::stop}, Event{Kind::fail}}) {
    const Step last = step(s, leaving(s), event, kNow);
    EXPECT_EQ(names(last.actions), "release");
    EXPECT_EQ(last.machine.state, State::init);
    EXPECT_EQ(last.machine.due, base::kNever);
  }
  EXPECT_EQ(names(step(s, leaving(s), {Kind::revised}, kNow).actions), "");
}

TEST(Fsm, AMasterYieldsWithoutAGap) {
  const Settings s = settings(100);
  const Step first = step(s, master(s), {Kind::yield}, kNow);
  EXPECT_EQ(names(first.actions), "resign");
  EXPECT_EQ(first.machine.state, State::master);
  EXPECT_EQ(first.machine.due, kNow + kSecond * 255 / 256 + Millis(50));
  const auto then = [&](const Event& event) { return step(s, first.machine, event, kNow); };

  EXPECT_EQ(then(Event::advert(0, kSecond, true)).machine, first.machine);
  for (const Event& event : {Event::advert(50, kSecond, false), Event{Kind::demote}}) {
    const Step followed = then(event);
    EXPECT_EQ(names(followed.actions), "release");
    EXPECT_EQ(followed.machine.state, State::backup);
    EXPECT_FALSE(followed.machine.leaving || followed.machine.staying);
    EXPECT_EQ(followed.machine.due, kNow + master_down_interval(s, kSecond));
  }
  const Step alone = then({Kind::timer});
  EXPECT_EQ(names(alone.actions), "advertise reassert");
  EXPECT_EQ(alone.machine.state, State::master);
  EXPECT_EQ(alone.machine.due, kNow + kSecond);
  EXPECT_FALSE(alone.machine.leaving || alone.machine.staying);
  EXPECT_EQ(names(then({Kind::stop}).actions), "release");
  EXPECT_EQ(then({Kind::stop}).machine.state, State::init);
  EXPECT_EQ(names(then({Kind::fail}).actions), "release");
  EXPECT_EQ(then({Kind::fail}).machine.state, State::fault);
  // It is stopped meanwhile: whoever follows ends that, too.
  const Step stopped = then({Kind::leave});
  EXPECT_EQ(step(s, stopped.machine, Event::advert(50, kSecond, false), kNow).machine.state, State::init);
  for (const Machine& machine : {started(s), Machine{}})
    EXPECT_EQ(step(s, machine, {Kind::yield}, kNow).machine, machine) << "only a master can";
}

TEST(Fsm, TheOnlyPeerTakesOverAtOnceWhenTheMasterResigns) {
  Settings s = settings(100);
  EXPECT_EQ(step(s, started(s), Event::advert(0, kSecond, true), kNow).machine.due, kNow + skew_time(s, kSecond));
  s.only_peer = true;
  EXPECT_EQ(step(s, started(s), Event::advert(0, kSecond, true), kNow).machine.due, kNow);
  // Silence is waited out all the same.
  EXPECT_EQ(step(s, started(s), Event::advert(200, kSecond, true), kNow).machine.due,
            kNow + master_down_interval(s, kSecond));
}

TEST(Fsm, AMasterThatHasSleptListensFirst) {
  const Settings s = settings(200);
  const Machine before = master(s);
  const MonoTime late = before.due + master_down_interval(s, kSecond) + Millis(1);
  // A little late is nothing.
  EXPECT_EQ(names(step(s, before, {Kind::timer}, before.due + 2 * kSecond).actions), "advertise");

  const Step listening = step(s, before, {Kind::timer}, late);
  EXPECT_EQ(names(listening.actions), "");
  EXPECT_EQ(listening.machine.due, late + kSecond);
  const Step alone = step(s, listening.machine, {Kind::timer}, listening.machine.due);
  EXPECT_EQ(names(alone.actions), "reassert advertise");
  EXPECT_FALSE(alone.machine.doubting);

  // The advert may be read before the timer is noticed.
  for (const Machine& machine : {listening.machine, before}) {
    const Step heard = step(s, machine, Event::advert(50, kSecond, false), late);
    EXPECT_EQ(names(heard.actions), "resign release");
    EXPECT_EQ(heard.machine.state, State::backup);
    EXPECT_EQ(heard.machine.due, late + master_down_interval(s, kSecond));
    EXPECT_FALSE(heard.machine.doubting);
  }
  EXPECT_EQ(names(step(s, listening.machine, Event::advert(0, kSecond, false), late).actions), "advertise reassert");
  EXPECT_EQ(names(step(s, listening.machine, {Kind::stop}, late).actions), "resign release");
}

}  // namespace
}  // namespace vrrpd
