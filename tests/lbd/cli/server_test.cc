#include "lbd/cli/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/lbd/cli/cli_fixture.h"

namespace lbd::cli {
namespace {

using testing::StartsWith;

class CliServerTest : public testing::Test, public CliFixture {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "cli_server_test." + std::to_string(::getpid());
    address_ = base::SockAddr::unix_path(path_);
    ::unlink(path_.c_str());
    base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(fd.get(), address_.sa(), address_.length()), 0);
    ASSERT_EQ(::listen(fd.get(), 10), 0);
    server_ = std::make_unique<Server>(loop_, *services);
    server_->add(std::move(fd), {.level = Level::admin});
  }
  void TearDown() override { ::unlink(path_.c_str()); }

  base::Fd connect() {
    base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), address_.sa(), address_.length()), 0);
    return fd;
  }
  // Lets the server work until it has nothing to do.
  void turn() {
    for (int i = 0; i < 20; ++i) loop_.run_nowait();
  }
  struct Got {
    std::string text;
    bool closed = false;
  };
  static Got receive(const base::Fd& fd) {
    Got got;
    char bytes[65536];
    ssize_t n;
    while ((n = ::recv(fd.get(), bytes, sizeof bytes, 0)) > 0) got.text.append(bytes, static_cast<size_t>(n));
    got.closed = n == 0;
    return got;
  }
  Got talk(std::initializer_list<std::string_view> pieces, bool shut = false) {
    base::Fd fd = connect();
    for (std::string_view piece : pieces) {
      ::send(fd.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
      turn();
    }
    if (shut) ::shutdown(fd.get(), SHUT_WR);
    turn();
    return receive(fd);
  }

  std::string path_;
  base::SockAddr address_;
  base::Loop loop_;
  std::unique_ptr<Server> server_;
};

// The exchanges below are those that HAProxy 2.6.12 had with the same clients.
TEST_F(CliServerTest, AnswersALineAndCloses) {
  Got got = talk({"get weight web/s1\n"});
  EXPECT_EQ(got.text, "10 (initial 10)\n\n");
  EXPECT_TRUE(got.closed);
  EXPECT_EQ(server_->sessions(), 0u);
  got = talk({"get weight web/s1;get weight web/s2\n"});
  EXPECT_EQ(got.text, "10 (initial 10)\n\n10 (initial 10)\n\n");
  got = talk({"get weight web/s1\nget weight web/s2\n"});
  EXPECT_EQ(got.text, "10 (initial 10)\n\n10 (initial 10)\n\n");
  EXPECT_EQ(talk({"get", " weight web/s", "1\r\n"}).text, "10 (initial 10)\n\n");
  EXPECT_EQ(talk({"set weight web/s1 7\n"}).text, "\n");
}

TEST_F(CliServerTest, AnUnfinishedLineIsNotExecuted) {
  Got got = talk({"disable server web/s1"}, true);
  EXPECT_EQ(got.text, "");
  EXPECT_TRUE(got.closed);
  EXPECT_TRUE(objects->find_backend("web")->find_server("s1")->up());
  EXPECT_FALSE(talk({"get weight"}).closed);
}

TEST_F(CliServerTest, TheClientMayShutDownItsSide) {
  Got got = talk({"get weight web/s1\n"}, true);
  EXPECT_EQ(got.text, "10 (initial 10)\n\n");
  EXPECT_TRUE(got.closed);
}

TEST_F(CliServerTest, Interactive) {
  Got got = talk({"prompt\n", "get weight web/s1\n"});
  EXPECT_EQ(got.text, "\n> 10 (initial 10)\n\n> ");
  EXPECT_FALSE(got.closed);
  got = talk({"prompt;get weight web/s1\n"});
  EXPECT_EQ(got.text, "\n> 10 (initial 10)\n\n> ");
  got = talk({"prompt\n", "prompt\n"});
  EXPECT_EQ(got.text, "\n> \n");
  EXPECT_TRUE(got.closed);
  got = talk({"prompt\n", "get weight web/s1 <<\n", "a\n", "\n", "quit\n"});
  EXPECT_EQ(got.text, "\n> + + 10 (initial 10)\n\n> ");
  EXPECT_TRUE(got.closed);
}

TEST_F(CliServerTest, QuitEndsWithoutAnAnswer) {
  Got got = talk({"get weight web/s1;quit;get weight web/s1\n"});
  EXPECT_EQ(got.text, "10 (initial 10)\n\n");
  EXPECT_TRUE(got.closed);
}

TEST_F(CliServerTest, EndlessLinesAreRefused) {
  std::string flood(20000, 'a');
  Got got = talk({flood});
  EXPECT_THAT(got.text, StartsWith("Command too long."));
  EXPECT_TRUE(got.closed);
}

TEST_F(CliServerTest, AClientThatDoesNotReadGetsOneAnswerOnly) {
  base::Fd fd = connect();
  std::string line;
  for (int i = 0; i < 1000; ++i) line += "show stat typed\n";
  ::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL);
  turn();
  EXPECT_EQ(server_->sessions(), 1u);
  // It goes on when the client reads.
  size_t total = 0;
  for (int i = 0; i < 3000 && server_->sessions(); ++i) {
    total += receive(fd).text.size();
    turn();
  }
  EXPECT_EQ(server_->sessions(), 0u);
  EXPECT_GT(total, 1000000u);
}

TEST_F(CliServerTest, TooManyClientsWait) {
  config.global.stats_maxconn = 2;
  base::Fd a = connect(), b = connect(), c = connect();
  turn();
  EXPECT_EQ(server_->sessions(), 2u);
  std::string_view line = "get weight web/s1\n";
  ::send(c.get(), line.data(), line.size(), 0);
  turn();
  EXPECT_EQ(receive(c).text, "");
  a.reset();
  turn();
  EXPECT_EQ(receive(c).text, "10 (initial 10)\n\n");
}

TEST_F(CliServerTest, AnIdleClientIsClosed) {
  config.global.stats_timeout = base::Millis(30);
  base::Fd fd = connect();
  base::MonoTime start = base::mono_now();
  turn();
  EXPECT_EQ(server_->sessions(), 1u);
  while (server_->sessions() && base::mono_now() - start < base::Seconds(5)) loop_.run_once();
  EXPECT_TRUE(receive(fd).closed);
  EXPECT_GE(base::mono_now() - start, base::Millis(29));
}

}  // namespace
}  // namespace lbd::cli
