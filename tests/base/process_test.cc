#include "base/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/strings.h"

namespace base {
namespace {

class ProcessTest : public testing::Test {
 protected:
  ProcessTest() {
    char name[] = "/tmp/tandem-process-XXXXXX";
    dir_ = mkdtemp(name);
  }
  ~ProcessTest() override { EXPECT_EQ(rmdir(dir_.c_str()), 0); }

  ChildResult run(SpawnOptions options) {
    ChildResult got;
    EXPECT_TRUE(child_.spawn(options, [&](const ChildResult& result) { got = result; }));
    while (child_.running()) loop_.run_once();
    return got;
  }
  std::string dir_;
  Loop loop_;
  Child child_{loop_};
};

TEST(FindUser, ANumberHasAGroup) {
  gid_t group = 0;
  EXPECT_EQ(find_user("3999999", &group).value(), 3999999u);
  EXPECT_EQ(group, 3999999u);
  group = 1;
  EXPECT_EQ(find_user("0", &group).value(), 0u);
  EXPECT_EQ(group, 0u);
  EXPECT_FALSE(find_user("nobody-of-that-name", &group).has_value());
}

TEST_F(ProcessTest, AChildIsInTheGroupsOfItsUser) {
  if (geteuid() != 0) GTEST_SKIP() << "takes root";
  SpawnOptions options{.argv = {"/usr/bin/id", "-G"}, .uid = 65534, .gid = 65534, .capture = 100};
  EXPECT_EQ(run(options).output, "65534\n");
  options.groups = {65534, 65533};
  EXPECT_EQ(run(options).output, "65534 65533\n");
}

TEST_F(ProcessTest, AChildReportsItsExitCodeAndOutput) {
  ChildResult result = run({.argv = {"/bin/sh", "-c", "echo $A; exit 3"}, .environment = {"A=hello"}, .capture = 100});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "hello\n");
  EXPECT_FALSE(result.ok());
}

TEST_F(ProcessTest, OutputIsBounded) {
  ChildResult result = run({.argv = {"/bin/sh", "-c", "head -c 500000 /dev/zero"}, .capture = 100});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output.size(), 100u);
}

TEST_F(ProcessTest, AMissingProgramIsExit127) {
  EXPECT_EQ(run({.argv = {"/nonexistent"}}).exit_code, 127);
}

TEST_F(ProcessTest, PlainSetuid) {
  const std::vector<std::string> argv = {"/bin/grep", "NoNewPrivs", "/proc/self/status"};
  EXPECT_EQ(run({.argv = argv, .capture = 100}).output, "NoNewPrivs:\t0\n");
  EXPECT_EQ(run({.argv = argv, .plain_setuid = true, .capture = 100}).output, "NoNewPrivs:\t1\n");
}

TEST_F(ProcessTest, ADeadlineEndsAChildThatIgnoresSigterm) {
  ChildResult result = run({.argv = {"/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"},
                            .timeout = Millis(50),
                            .grace = Millis(50)});
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGKILL);
}

TEST_F(ProcessTest, GrandchildrenGoWithTheChild) {
  ChildResult result = run({.argv = {"/bin/sh", "-c", "sleep 1000 >/dev/null & echo $!"}, .capture = 20});
  auto pid = parse_int<pid_t>(std::string_view(result.output).substr(0, result.output.find('\n')));
  ASSERT_TRUE(pid);
  // Its parent is init or a subreaper: it may stay a zombie for a moment, but not run.
  for (int i = 0; i < 1000 && kill(*pid, 0) == 0; ++i) {
    auto stat = read_file("/proc/" + std::to_string(*pid) + "/stat");
    if (!stat || stat->find(") Z ") != std::string::npos) return;
    usleep(1000);
  }
  EXPECT_NE(kill(*pid, 0), 0);
}

TEST_F(ProcessTest, APidFileIsRemovedAndExclusive) {
  std::string path = dir_ + "/pid";
  {
    auto file = PidFile::write(path, 42, true);
    ASSERT_TRUE(file);
    EXPECT_EQ(*read_file(path), "42\n");
    EXPECT_FALSE(PidFile::write(path, 43, true));
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

// The exit code of a process that went to the background.
int exit_code_of_starter(bool gets_ready) {
  pid_t starter = fork();
  if (starter == 0) {
    auto background = Background::enter();
    bool apart = background && getsid(0) == getpid();
    if (gets_ready && apart) (void)background->ready();
    _exit(7);
  }
  int status = 0;
  waitpid(starter, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(ProcessTest, TheStarterOfADaemonLearnsHowItWent) {
  EXPECT_EQ(exit_code_of_starter(true), 0);
  EXPECT_EQ(exit_code_of_starter(false), 1);
}

TEST_F(ProcessTest, NotifySendsOneDatagram) {
  std::string path = dir_ + "/notify";
  Fd receiver(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  SockAddr address = SockAddr::unix_path(path);
  ASSERT_EQ(bind(receiver.get(), address.sa(), address.length()), 0);
  unsetenv("NOTIFY_SOCKET");
  EXPECT_FALSE(sd_notify("READY=1"));
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  EXPECT_TRUE(sd_notify("READY=1"));
  unsetenv("NOTIFY_SOCKET");
  char bytes[64];
  ssize_t n = recv(receiver.get(), bytes, sizeof bytes, MSG_DONTWAIT);
  EXPECT_EQ(std::string_view(bytes, static_cast<size_t>(std::max<ssize_t>(n, 0))), "READY=1");
  unlink(path.c_str());
}

TEST_F(ProcessTest, UsersAreNamesOrNumbers) {
  EXPECT_EQ(find_user("root").value_or(77), 0u);
  EXPECT_EQ(find_user("12345").value_or(0), 12345u);
  EXPECT_FALSE(find_user("no-such-user"));
  EXPECT_EQ(find_group("root").value_or(77), 0u);
  EXPECT_FALSE(find_group("no-such-group"));
}

}  // namespace
}  // namespace base
