#include "lbd/link/pulse.h"

#include <gtest/gtest.h>
#include <time.h>
#include <unistd.h>

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
  EXPECT_EQ(pulse.stalled(0, end), base::Nanos(0));
  EXPECT_EQ(pulse.turns(0), 5u);
  EXPECT_EQ(pulse.stalled(1, end), base::Millis(450)) << "since the first question, which is the only one";
  hung_loop.run_once();
  EXPECT_EQ(pulse.stalled(1, end), base::Nanos(0));
  EXPECT_EQ(pulse.turns(1), 1u);
}

TEST(Pulse, HowLongAWorkerRanSinceTheQuestionIsKnown) {
  base::Loop loop;
  base::Mailbox mailbox(loop);
  Pulse pulse({&mailbox});
  EXPECT_EQ(pulse.thread(0), 0);
  pulse.beat(base::mono_now());
  loop.run_once();
  EXPECT_EQ(pulse.thread(0), gettid());
  pulse.beat(base::mono_now());
  // This thread is the worker, and works for some milliseconds.
  timespec begun{}, time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
  const auto ran = [&] {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return base::Seconds(time.tv_sec - begun.tv_sec) + base::Nanos(time.tv_nsec - begun.tv_nsec);
  };
  while (ran() < base::Millis(5)) {
  }
  EXPECT_GE(pulse.ran(0), base::Millis(5));
  EXPECT_LE(pulse.ran(0), ran() + base::Millis(5));
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
