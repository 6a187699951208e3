#include "lbd/check/connection.h"

#include <gtest/gtest.h>

#include "tests/lbd/check/peer.h"

namespace lbd::check {
namespace {

const Setting kSetting{"node"};

using namespace std::chrono_literals;

// Sends "hello", wants "world".
struct Greeting : Dialogue {
  Progress connected(std::string& out) override {
    out += "hello";
    return Progress::more();
  }
  Progress received(std::string_view bytes, bool closed, std::string&) override {
    if (bytes == "world") return Progress::done(report(CheckStatus::l7_ok));
    if (bytes == "twice") return Progress::connect({});
    return closed ? Progress::done(report(CheckStatus::l7_invalid)) : Progress::more();
  }
  std::string where() const override { return " at step 1"; }
};

class ConnectionTest : public testing::Test, public RunClient {
 protected:
  ConnectionTest() { backend_ = std::make_unique<server::Backend>(proxy_, 0); }
  void check_done(CheckReport report) override {
    EXPECT_FALSE(report_);
    report_ = std::move(report);
  }
  CheckReport run(const base::SockAddr& to, std::unique_ptr<Dialogue> dialogue, Deadlines deadlines = {5s, 5s}) {
    line_.address = to;
    server::Server& server = backend_->add_server(line_, 0);
    report_.reset();
    Connection connection(loop_, server, std::move(dialogue), deadlines, kSetting, *this);
    connection.start();
    while (!report_) loop_.run_once();
    return *report_;
  }
  CheckReport greet(const base::SockAddr& to, Deadlines deadlines = {5s, 5s}) {
    return run(to, std::make_unique<Greeting>(), deadlines);
  }

  config::Proxy proxy_;
  config::Server line_;
  std::unique_ptr<server::Backend> backend_;
  base::Loop loop_;
  std::optional<CheckReport> report_;
};

TEST_F(ConnectionTest, ConnectIsEnoughForThePlainCheck) {
  Peer peer(loop_);
  cfg::Diagnostics diagnostics;
  std::unique_ptr<Plan> plan = compile(proxy_.check, config::Config(), proxy_, diagnostics);
  line_.address = peer.address();
  server::Server& server = backend_->add_server(line_, 0);
  CheckReport got = run(peer.address(), dynamic_cast<const DialoguePlan&>(*plan).begin(server, {}));
  EXPECT_EQ(got.status, CheckStatus::l4_ok);
  EXPECT_EQ(got.result, CheckResult::passed);
  EXPECT_GE(got.duration, 0ms);
  EXPECT_EQ(got.code, -1);
}

TEST_F(ConnectionTest, SaysAndHears) {
  Peer peer(loop_, "world");
  EXPECT_EQ(greet(peer.address()).status, CheckStatus::l7_ok);
  EXPECT_EQ(peer.requests.at(0), "hello");
}

TEST_F(ConnectionTest, Refused) {
  Peer peer(loop_);
  peer.stop_listening();
  CheckReport got = greet(peer.address());
  EXPECT_EQ(got.status, CheckStatus::l4_refused);
  EXPECT_EQ(got.detail, "Connection refused at step 1");
}

TEST_F(ConnectionTest, NoSuchSocket) {
  CheckReport got = greet(base::SockAddr::unix_path("/nonexistent/socket"));
  EXPECT_EQ(got.status, CheckStatus::socket_error);
  EXPECT_EQ(got.detail, "General socket error (No such file or directory)");
}

TEST_F(ConnectionTest, ClosedOrWrong) {
  Peer peer(loop_, "wrong");
  EXPECT_EQ(greet(peer.address()).status, CheckStatus::l7_invalid);
}

TEST_F(ConnectionTest, NoAnswerInTime) {
  Peer peer(loop_);
  peer.mute = true;
  CheckReport got = greet(peer.address(), {5s, 50ms});
  EXPECT_EQ(got.status, CheckStatus::l7_timeout);
  EXPECT_GE(got.duration, 49ms);
}

TEST_F(ConnectionTest, NoConnectionInTime) {
  // A backlog of one that is full: the kernel drops what comes next.
  base::Fd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  base::SockAddr any(base::IpPort{base::IpAddr::v4(0x7f000001), 0});
  ASSERT_EQ(bind(listener.get(), any.sa(), any.length()), 0);
  ASSERT_EQ(listen(listener.get(), 0), 0);
  base::SockAddr at = base::SockAddr::local_of(listener.get());
  std::vector<base::Fd> fill;
  for (int i = 0; i < 4; ++i) {
    fill.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    (void)!connect(fill.back().get(), at.sa(), at.length());
  }
  CheckReport got = greet(at, {50ms, 5s});
  EXPECT_EQ(got.status, CheckStatus::l4_timeout);
  EXPECT_EQ(got.detail, " at step 1");
}

TEST_F(ConnectionTest, SendsTheProxyHeader) {
  Peer peer(loop_, "world");
  line_.send_proxy = 1;
  greet(peer.address());
  ASSERT_EQ(peer.requests.size(), 1u);
  EXPECT_TRUE(peer.requests[0].starts_with("PROXY TCP4 127.0.0.1 127.0.0.1 "));
  EXPECT_TRUE(peer.requests[0].ends_with("\r\nhello"));
  line_.send_proxy = 2;
  greet(peer.address());
  EXPECT_EQ(peer.requests[1], std::string("\r\n\r\n\0\r\nQUIT\n \0\0\0hello", 21));
  // With a port of its own the check says nothing of the client, unless it is told to.
  line_.check.port = peer.address().port();
  greet(peer.address());
  EXPECT_EQ(peer.requests[2], "hello");
  line_.check.send_proxy = true;
  line_.send_proxy = 0;
  greet(peer.address());
  EXPECT_TRUE(peer.requests[3].starts_with("PROXY TCP4 "));
}

TEST_F(ConnectionTest, ChecksAnotherPortAndAddress) {
  Peer peer(loop_, "world");
  line_.check.port = peer.address().port();
  line_.check.address = "127.0.0.1";
  base::SockAddr elsewhere(base::IpPort{base::IpAddr::v4(0x7f000003), 1});
  EXPECT_EQ(greet(elsewhere).status, CheckStatus::l7_ok);
}

TEST_F(ConnectionTest, ConnectsAgainWhenTheDialogueSaysSo) {
  Peer peer(loop_, "twice");
  line_.address = peer.address();
  server::Server& server = backend_->add_server(line_, 0);
  Connection connection(loop_, server, std::make_unique<Greeting>(), {5s, 5s}, kSetting, *this);
  connection.start();
  while (peer.requests.size() < 2) loop_.run_once();
  peer.answer = "world";
  while (!report_) loop_.run_once();
  EXPECT_EQ(report_->status, CheckStatus::l7_ok);
  EXPECT_EQ(peer.accepted, 3u);
}

}  // namespace
}  // namespace lbd::check
