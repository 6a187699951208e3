#include "base/watchdog.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "base/addr.h"
#include "base/fd.h"

namespace base {
namespace {

class WatchdogTest : public testing::Test {
 protected:
  WatchdogTest() : name_(fmt::format("tandem-watchdog-{}", getpid())), systemd_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    const SockAddr address = SockAddr::abstract(name_);
    EXPECT_EQ(bind(systemd_.get(), address.sa(), address.length()), 0);
    setenv("NOTIFY_SOCKET", ("@" + name_).c_str(), 1);
    setenv("WATCHDOG_USEC", "2000", 1);
    unsetenv("WATCHDOG_PID");
  }
  ~WatchdogTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  std::string told() {
    char bytes[64];
    const ssize_t n = recv(systemd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    return {bytes, static_cast<size_t>(std::max<ssize_t>(n, 0))};
  }

  std::string name_;
  Fd systemd_;
  Loop loop_;
};

TEST_F(WatchdogTest, TellsAgainAndAgain) {
  const Watchdog watchdog(loop_);
  EXPECT_TRUE(watchdog.enabled());
  for (int i = 0; i < 3; ++i) {
    loop_.run_once();
    EXPECT_EQ(told(), "WATCHDOG=1");
  }
}

TEST_F(WatchdogTest, TellsNothingOfWhoDoesNotLive) {
  bool alive = false;
  const Watchdog watchdog(loop_, [&] { return alive; });
  loop_.run_once();
  EXPECT_EQ(told(), "");
  alive = true;
  loop_.run_once();
  EXPECT_EQ(told(), "WATCHDOG=1");
}

TEST_F(WatchdogTest, IsOffWithoutSystemdOrForAnotherProcess) {
  setenv("WATCHDOG_PID", fmt::format("{}", getpid()).c_str(), 1);
  EXPECT_EQ(watchdog_patience(), Millis(2));
  setenv("WATCHDOG_PID", fmt::format("{}", getppid()).c_str(), 1);
  EXPECT_FALSE(Watchdog(loop_).enabled());
  unsetenv("WATCHDOG_PID");
  unsetenv("WATCHDOG_USEC");
  EXPECT_FALSE(Watchdog(loop_).enabled());
}

}  // namespace
}  // namespace base
