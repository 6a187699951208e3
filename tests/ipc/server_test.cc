// Server and Client against each other over real sockets.
#include "ipc/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "ipc/client.h"

namespace ipc {
namespace {

struct ServerRecorder final : ServerEvents {
  std::string on_peer(Peer& peer) override {
    peers.push_back(&peer);
    return refuse;
  }
  void on_envelope(Peer& peer, const tandem::Envelope& envelope) override {
    ++envelopes;
    if (envelope.has_update()) peer.send(envelope);  // echo
  }
  void on_peer_gone(Peer& peer, const std::string& why) override {
    std::erase(peers, &peer);
    reason = why;
  }
  std::vector<Peer*> peers;
  int envelopes = 0;
  std::string refuse, reason;
};

struct ClientRecorder final : ClientEvents {
  std::string on_up(Client&, const tandem::Hello& hello) override {
    ++ups;
    role = hello.role();
    return "";
  }
  void on_envelope(Client&, const tandem::Envelope& envelope) override {
    if (envelope.has_update()) sequence = envelope.update().sequence();
    if (envelope.has_goodbye()) successor = envelope.goodbye().successor();
  }
  void on_down(Client&, const std::string& why) override {
    ++downs;
    reason = why;
  }
  int ups = 0, downs = 0;
  tandem::Role role = tandem::ROLE_UNKNOWN;
  uint64_t sequence = 0;
  bool successor = false;
  std::string reason;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    char name[] = "/tmp/tandem-ipc-XXXXXX";
    dir_ = mkdtemp(name);
    path_ = dir_ + "/link.sock";
  }
  ~ServerTest() override {
    client_.reset();
    server_.reset();
    EXPECT_EQ(rmdir(dir_.c_str()), 0) << "something was left behind";
  }
  ServerOptions server_options() {
    ServerOptions options;
    options.hello = make_hello(tandem::ROLE_LBD, "1");
    return options;
  }
  void start_server() {
    server_ = std::make_unique<Server>(loop_, server_options(), server_events_);
    auto status = server_->listen_unix(path_);
    ASSERT_TRUE(status) << status.error().text;
  }
  void start_client(const base::SockAddr& to) {
    ClientOptions options{.to = to, .hello = make_hello(tandem::ROLE_VRRPD, "1"), .channel = {}};
    options.first_delay = base::Millis(2);
    options.most_delay = base::Millis(10);
    client_ = std::make_unique<Client>(loop_, options, client_events_);
    client_->start();
  }
  template <typename Until>
  void run_until(Until until) {
    base::MonoTime give_up = base::mono_now() + base::Seconds(10);
    while (!until() && base::mono_now() < give_up) loop_.run_once();
    EXPECT_TRUE(until());
  }
  void exchange() {
    tandem::Envelope envelope;
    envelope.mutable_update()->set_sequence(77);
    client_->send(envelope);
    run_until([&] { return client_events_.sequence == 77; });
  }

  std::string dir_, path_;
  base::Loop loop_;
  ServerRecorder server_events_;
  ClientRecorder client_events_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

TEST_F(ServerTest, OverAUnixSocket) {
  start_server();
  start_client(base::SockAddr::unix_path(path_));
  run_until([&] { return client_->up() && server_events_.peers.size() == 1; });
  EXPECT_EQ(client_events_.role, tandem::ROLE_LBD);
  EXPECT_EQ(server_events_.peers[0]->hello().role(), tandem::ROLE_VRRPD);
  exchange();
}

TEST_F(ServerTest, OverTcp) {
  server_ = std::make_unique<Server>(loop_, server_options(), server_events_);
  ASSERT_TRUE(server_->listen_tcp(base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 0})));
  start_client(server_->address());
  run_until([&] { return client_->up(); });
  exchange();
}

// A process in a chroot: the path does not exist, the directory was opened before.
TEST_F(ServerTest, ThroughADirectoryThatWasOpenedBefore) {
  start_server();
  base::Fd directory(open(dir_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  char before[4096], after[4096];
  ASSERT_TRUE(getcwd(before, sizeof before));
  ClientOptions options{.to = base::SockAddr::unix_path("/nonexistent/link.sock"),
                        .hello = make_hello(tandem::ROLE_LBD, "1"),
                        .channel = {},
                        .directory = directory.get()};
  client_ = std::make_unique<Client>(loop_, options, client_events_);
  client_->start();
  run_until([&] { return client_->up(); });
  ASSERT_TRUE(getcwd(after, sizeof after));
  EXPECT_STREQ(before, after);
}

TEST_F(ServerTest, TheSocketIsForItsOwnerOnly) {
  start_server();
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(ServerTest, TheClientWaitsForTheServer) {
  start_client(base::SockAddr::unix_path(path_));
  run_until([&] { return !client_->last_error().empty(); });
  EXPECT_EQ(client_events_.downs, 0) << "an absent daemon is normal";
  start_server();
  run_until([&] { return client_->up(); });
}

TEST_F(ServerTest, TheClientComesBack) {
  start_server();
  start_client(base::SockAddr::unix_path(path_));
  run_until([&] { return client_->up(); });
  server_->stop("");
  run_until([&] { return client_events_.downs == 1; });
  start_server();
  run_until([&] { return client_->up(); });
  EXPECT_EQ(client_events_.ups, 2);
}

TEST_F(ServerTest, ASuccessorTakesThePathOver) {
  start_server();
  start_client(base::SockAddr::unix_path(path_));
  run_until([&] { return client_->up() && server_events_.peers.size() == 1; });
  ServerRecorder next_events;
  Server next(loop_, server_options(), next_events);
  ASSERT_TRUE(next.listen_unix(path_));
  server_->stop("reload");
  run_until([&] { return next_events.peers.size() == 1; });
  EXPECT_TRUE(client_events_.successor);
  EXPECT_EQ(client_events_.reason, "closed by the peer: reload");
  EXPECT_EQ(access(path_.c_str(), F_OK), 0) << "the old one must not remove the path of the new one";
}

TEST_F(ServerTest, APathThatIsNoSocketIsLeftAlone) {
  FILE* file = fopen(path_.c_str(), "w");
  fclose(file);
  server_ = std::make_unique<Server>(loop_, server_options(), server_events_);
  EXPECT_FALSE(server_->listen_unix(path_));
  EXPECT_EQ(unlink(path_.c_str()), 0);
}

TEST_F(ServerTest, ARefusedClientDoesNotSpin) {
  server_events_.refuse = "not you";
  start_server();
  start_client(base::SockAddr::unix_path(path_));
  base::MonoTime end = base::mono_now() + base::Millis(200);
  while (base::mono_now() < end) loop_.run_once();
  EXPECT_GE(client_events_.ups, 2);
  EXPECT_LE(client_events_.ups, 60) << "delays of at least 1 ms doubling to 5–10 ms";
}

TEST_F(ServerTest, StrangersDoNotCrowdOutTrustedPeers) {
  start_server();
  start_client(base::SockAddr::unix_path(path_));
  run_until([&] { return client_->up() && server_events_.peers.size() == 1; });
  std::vector<base::Fd> strangers;
  base::SockAddr to = base::SockAddr::unix_path(path_);
  for (int i = 0; i < 40; ++i) {
    strangers.emplace_back(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(connect(strangers.back().get(), to.sa(), to.length()), 0);
    for (int turn = 0; turn < 3; ++turn) loop_.run_nowait();
  }
  EXPECT_TRUE(client_->up());
  exchange();
  // The oldest strangers had to go.
  char bytes[4096];
  ssize_t n;
  while ((n = recv(strangers[0].get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
  }
  EXPECT_EQ(n, 0);
}

}  // namespace
}  // namespace ipc
