#include "lbd/master_cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"

namespace lbd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A master whose only worker answers each command with its own text.
struct FakeMaster final : MasterHost {
  const std::string& startup_log() const override { return log; }
  std::string log = "[ALERT]    (7) : config : it was this\n";
  std::string process_table() const override { return "#<PID> <type>\n1 master\n\n"; }
  void reload(std::function<void(bool)> done) override { reload_done = std::move(done); }
  base::Result<base::Fd> talk_to(std::string_view target, pid_t* pid) override {
    if (target != "1") return base::Err("Can't find the target PID matching the prefix '@" + std::string(target) + "'");
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    worker_ends.emplace_back(ends[1]);
    *pid = 77;
    return base::Fd(ends[0]);
  }
  // Answers what the workers have been asked.
  void work() {
    for (base::Fd& end : worker_ends) {
      char bytes[1000];
      ssize_t got = end ? ::recv(end.get(), bytes, sizeof bytes, MSG_DONTWAIT) : 0;
      if (got <= 0) continue;
      std::string answer = "worker: " + std::string(bytes, static_cast<size_t>(got)) + "\n";
      ::send(end.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      end.reset();
    }
  }
  std::function<void(bool)> reload_done;
  std::vector<base::Fd> worker_ends;
};

class MasterCliTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "master_cli_test." + std::to_string(::getpid());
    ::unlink(path_.c_str());
    address_ = base::SockAddr::unix_path(path_);
    base::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(listener.get(), address_.sa(), address_.length()), 0);
    ASSERT_EQ(::listen(listener.get(), 5), 0);
    cli_.add(std::move(listener));
  }
  void TearDown() override { ::unlink(path_.c_str()); }

  void turn() {
    for (int i = 0; i < 20; ++i) {
      loop_.run_nowait();
      master_.work();
    }
  }
  base::Fd ask(std::string_view text) {
    base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), address_.sa(), address_.length()), 0);
    ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    ::shutdown(fd.get(), SHUT_WR);
    turn();
    return fd;
  }
  static std::string read(const base::Fd& fd, bool* closed = nullptr) {
    std::string all;
    char bytes[4096];
    ssize_t got;
    while ((got = ::recv(fd.get(), bytes, sizeof bytes, 0)) > 0) all.append(bytes, static_cast<size_t>(got));
    if (closed) *closed = got == 0;
    return all;
  }

  std::string path_;
  base::SockAddr address_;
  base::Loop loop_;
  FakeMaster master_;
  MasterCli cli_{loop_, master_};
};

TEST_F(MasterCliTest, AnswersForItself) {
  bool closed = false;
  EXPECT_EQ(read(ask("show proc\n"), &closed), "#<PID> <type>\n1 master\n\n\n");
  EXPECT_TRUE(closed);
  EXPECT_THAT(read(ask("show version\n")), StartsWith("3.4.0"));
  EXPECT_THAT(read(ask("foo\n")), StartsWith("Unknown command."));
}

TEST_F(MasterCliTest, PassesCommandsToAWorker) {
  EXPECT_EQ(read(ask("@1 show info\n")), "worker: show info\n\n");
  EXPECT_EQ(read(ask("@1 add map a b\\;c\n")), "worker: add map a b\\;c\n\n");
  EXPECT_EQ(read(ask("@1; show info; show stat\n")), "worker: show info\n\nworker: show stat\n\n");
  EXPECT_THAT(read(ask("@2 show info\n")), StartsWith("Can't find the target PID matching the prefix '@2'\n"));
}

TEST_F(MasterCliTest, InteractiveShowsWhoIsMeant) {
  EXPECT_THAT(read(ask("prompt\n@1\nshow info\n@master\nquit\n")),
              HasSubstr("master> 77> worker: show info\n\n77> master> "));
}

TEST_F(MasterCliTest, AReloadIsAnsweredWhenItIsDone) {
  base::Fd client = ask("reload\n");
  EXPECT_EQ(read(client), "");
  master_.reload_done(true);
  turn();
  bool closed = false;
  EXPECT_THAT(read(client, &closed), StartsWith("Success=1\n"));
  EXPECT_TRUE(closed);
}

TEST_F(MasterCliTest, AReloadThatFailedSaysWhy) {
  base::Fd client = ask("reload\n");
  master_.reload_done(false);
  turn();
  EXPECT_EQ(read(client), "Success=0\n--\n[ALERT]    (7) : config : it was this\n\n");
  EXPECT_EQ(read(ask("show startup-logs\n")), "[ALERT]    (7) : config : it was this\n\n\n");
}

TEST_F(MasterCliTest, ALevelThatWasGivenUpIsGone) {
  EXPECT_EQ(read(ask("show cli level\n")), "admin\n\n");
  EXPECT_THAT(read(ask("operator; @1 show info\n")), HasSubstr("worker: operator; show info\n"));
  EXPECT_THAT(read(ask("user; reload\n")), HasSubstr("Permission denied"));
  EXPECT_FALSE(master_.reload_done);
  EXPECT_THAT(read(ask("user; operator; show cli level\n")), HasSubstr("user\n"));
}

TEST_F(MasterCliTest, AClientMayLeaveDuringAReload) {
  base::Fd client = ask("reload\n");
  client.reset();
  turn();
  master_.reload_done(false);
  turn();
}

}  // namespace
}  // namespace lbd
