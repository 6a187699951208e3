#include "vrrpd/track/process_list.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace vrrpd {
namespace {

using Parameters = ProcessConfig::Parameters;

ProcessConfig wanted(std::vector<std::string> command, Parameters parameters = Parameters::ignored) {
  ProcessConfig config;
  config.command = std::move(command);
  config.parameters = parameters;
  return config;
}

TEST(ProcessList, ByName) {
  EXPECT_TRUE(matches(wanted({"haproxy"}), "haproxy", {}));
  EXPECT_FALSE(matches(wanted({"haproxy"}), "haprox", {}));
  EXPECT_FALSE(matches(wanted({"ssh"}), "sshd", {}));
  // The kernel keeps 15 characters.
  EXPECT_TRUE(matches(wanted({"a-very-long-daemon-name"}), "a-very-long-dae", {}));
  EXPECT_TRUE(matches(wanted({"/usr/sbin/haproxy"}), "haproxy", {"/usr/sbin/haproxy", "-f", "x"}));
  EXPECT_FALSE(matches(wanted({"/usr/sbin/haproxy"}), "haproxy", {"haproxy"}));
}

TEST(ProcessList, ByCommandLine) {
  const std::vector<std::string_view> line = {"/bin/a", "one", "two"};
  EXPECT_TRUE(matches(wanted({"/bin/a", "one", "two"}, Parameters::exact), "a", line));
  EXPECT_FALSE(matches(wanted({"/bin/a", "one"}, Parameters::exact), "a", line));
  EXPECT_FALSE(matches(wanted({"/bin/a", "one", "t"}, Parameters::exact), "a", line));
  EXPECT_TRUE(matches(wanted({"/bin/a", "one", "t"}, Parameters::initial), "a", line));
  EXPECT_FALSE(matches(wanted({"/bin/a", "one"}, Parameters::initial), "a", line));
  EXPECT_TRUE(matches(wanted({"/bin/a", "one"}, Parameters::partial), "a", line));
  EXPECT_FALSE(matches(wanted({"/bin/a", "on"}, Parameters::partial), "a", line));
  EXPECT_FALSE(matches(wanted({"/bin/b"}, Parameters::partial), "b", line));
  EXPECT_FALSE(matches(wanted({"/bin/a"}, Parameters::exact), "a", {}));
}

TEST(ProcessList, FindsTheLivingOnly) {
  // A process that says who it is by its command line.
  int ready[2], stop[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(stop), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(stop[0], 0);
    dup2(ready[1], 1);
    close(stop[1]);
    execl("/bin/sh", "sh", "-c", "echo; read line", "tandem-process-list-test", nullptr);
    _exit(127);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const ProcessConfig config = wanted({"sh", "-c", "echo; read line", "tandem-process-list-test"}, Parameters::exact);
  EXPECT_EQ(find_processes(config), std::vector<pid_t>{child});
  close(stop[0]);
  close(stop[1]);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(find_processes(config).empty()) << "it is a zombie now";
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace vrrpd
