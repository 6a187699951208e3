#include "lbd/link/pulse.h"

#include <gtest/gtest.h>
#include <time.h>

namespace lbd::link {
namespace {

TEST(Pulse, AWorkerThatDoesNotTurnIsSeen) {
  base::Loop alive_loop, hung_loop;
  base::Mailbox alive(alive_loop), hung(hung_loop);
  Pulse pulse({&alive, &hung});
  base::MonoTime now{base::Seconds(100)};
  for (int i = 0; i < 5; ++i) {
    pulse.beat(now + base::Millis(100) * i);
    alive_loop.run_once();
  }
  base::MonoTime end = now + base::Millis(450);
  EXPECT_EQ(pulse.stall(0, end).lasts, base::Nanos(0));
  EXPECT_EQ(pulse.turns(0), 5u);
  EXPECT_EQ(pulse.stall(1, end).lasts, base::Millis(450)) << "since the first question, which is the only one";
  hung_loop.run_once();
  EXPECT_EQ(pulse.stall(1, end).lasts, base::Nanos(0));
  EXPECT_EQ(pulse.turns(1), 1u);
}

TEST(Pulse, WhoIsKeptFromRunningIsToldFromWhoHangs) {
  base::Loop loop;
  base::Mailbox mailbox(loop);
  Pulse pulse({&mailbox});
  const base::MonoTime start = base::mono_now();
  pulse.beat(start);
  EXPECT_FALSE(pulse.stall(0, start + base::Seconds(1)).starved) << "its thread is not known yet";
  loop.run_once();
  pulse.beat(start);
  // This thread is the worker: it is ready to run, and for the kernel it did nothing since it was asked.
  EXPECT_FALSE(pulse.stall(0, start + base::Millis(50)).starved) << "not looked at yet";
  EXPECT_TRUE(pulse.stall(0, start + base::Millis(200)).starved);
  EXPECT_EQ(pulse.stall(0, start + base::Millis(200)).lasts, base::Millis(200));
  // Then it works for some time without an answer.
  timespec begun{}, time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
  do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  while (base::Seconds(time.tv_sec - begun.tv_sec) + base::Nanos(time.tv_nsec - begun.tv_nsec) < base::Millis(60));
  EXPECT_FALSE(pulse.stall(0, start + base::Millis(200)).starved);
}

TEST(Pulse, QuestionsMayOutliveIt) {
  base::Loop loop;
  base::Mailbox mailbox(loop);
  {
    Pulse pulse({&mailbox});
    pulse.beat(base::mono_now());
  }
  loop.run_once();
}

}  // namespace
}  // namespace lbd::link
