#include "vrrpd/track/lbd_pulse.h"

#include <gtest/gtest.h>

namespace vrrpd {
namespace {

using base::Millis;
using base::MonoTime;
using base::Nanos;
using base::Seconds;

// A clock that ticks as the tracker's timer does.
class Clock {
 public:
  explicit Clock(LbdPulse& pulse) : pulse_(pulse) { pulse_.on_link(now); }
  // Ticks until the end, with health each 100 ms if wanted.
  void pass(Millis time, bool healthy, bool stopped = false, Millis stall = Millis(0)) {
    const MonoTime end = now + time;
    for (int i = 1; now < end; ++i) {
      now += LbdPulse::kTick;
      if (healthy && i % 2 == 0) pulse_.on_health(stall, now);
      pulse_.tick(stopped, now);
    }
  }
  MonoTime now{Seconds(100)};

 private:
  LbdPulse& pulse_;
};

TEST(LbdPulse, GoodHealthIsNoHang) {
  LbdPulse pulse;
  Clock clock(pulse);
  clock.pass(Seconds(10), true);
  EXPECT_FALSE(pulse.hangs());
  clock.pass(Millis(400), true, false, Millis(180));
  EXPECT_FALSE(pulse.hangs());
}

TEST(LbdPulse, AStoppedProcess) {
  LbdPulse pulse;
  Clock clock(pulse);
  clock.pass(Seconds(1), true);
  clock.pass(Millis(150), false, true);
  EXPECT_FALSE(pulse.hangs());
  clock.pass(Millis(150), false, true);
  EXPECT_TRUE(pulse.hangs());
  // Over when it was well for a second.
  clock.pass(Millis(900), true);
  EXPECT_TRUE(pulse.hangs());
  clock.pass(Millis(300), true);
  EXPECT_FALSE(pulse.hangs());
}

TEST(LbdPulse, AWorkerThatDoesNotAnswer) {
  LbdPulse pulse;
  Clock clock(pulse);
  clock.pass(Seconds(1), true);
  pulse.on_health(Millis(200), clock.now);
  EXPECT_TRUE(pulse.hangs());
}

TEST(LbdPulse, SilenceOfARunningProcessIsGivenTime) {
  LbdPulse pulse;
  Clock clock(pulse);
  clock.pass(Seconds(1), true);
  clock.pass(Millis(1900), false);
  EXPECT_FALSE(pulse.hangs()) << "it may only lack a processor";
  clock.pass(Millis(200), false);
  EXPECT_TRUE(pulse.hangs());
}

TEST(LbdPulse, OwnSleepProvesNothing) {
  LbdPulse pulse;
  Clock clock(pulse);
  clock.pass(Seconds(1), true);
  clock.now += Seconds(5);
  pulse.tick(true, clock.now);
  EXPECT_FALSE(pulse.hangs());
  clock.pass(Millis(100), true);
  EXPECT_FALSE(pulse.hangs());
}

TEST(LbdPulse, WhoPublishesNothingIsNotMissed) {
  LbdPulse pulse;
  Clock clock(pulse);
  clock.pass(Seconds(10), false, true);
  EXPECT_FALSE(pulse.hangs());
}

}  // namespace
}  // namespace vrrpd
