#include "lbd/heir/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lbd/heir/connections.h"

namespace lbd::heir {
namespace {

struct Ear final : ChannelEvents {
  void on_bequest(tandem::Bequest& bequest, Descriptors fds) override {
    heard.push_back(bequest);
    came.push_back(std::move(fds));
  }
  void on_closed(const std::string& why) override { reason = why; }
  std::vector<tandem::Bequest> heard;
  std::vector<Descriptors> came;
  std::string reason;
};

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours_ = base::Fd(ends[0]);
    theirs_ = base::Fd(ends[1]);
  }
  template <typename Condition>
  bool until(Condition condition) {
    for (int i = 0; i < 10000 && !condition(); ++i) {
      loop_.run_nowait();
      if (i > 100) ::usleep(500);
    }
    return condition();
  }
  // What the channel makes of these bytes.
  std::string verdict(std::string_view bytes) {
    Channel channel(loop_, std::move(theirs_), ear_);
    EXPECT_EQ(::send(ours_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    until([&] { return !ear_.reason.empty(); });
    return ear_.reason;
  }
  base::Loop loop_;
  base::Fd ours_, theirs_;
  Ear ear_;
};

stream::MovedConnection connection(bool tunnel) {
  stream::MovedConnection moved;
  moved.frontend = "fe";
  moved.listener = 2;
  moved.wire.fd = base::Fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  moved.wire.unsent = std::string("\0x", 2);
  moved.src = {*base::IpAddr::parse("2001:db8::1"), 1234};
  moved.dst = {*base::IpAddr::parse("192.0.2.1"), 80};
  moved.requests = 3;
  moved.tracks.push_back({1, "t", "key"});
  expr::Value number = expr::Value::of_int(-5);
  moved.variables.push_back({{expr::Scope::sess, 77}, number, ""});
  if (!tunnel) return moved;
  stream::MovedTunnel& inner = moved.tunnel.emplace();
  inner.backend = "be";
  inner.server = "s1";
  inner.wire.fd = base::Fd(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  inner.at.connected = base::MonoTime(base::Seconds(5));
  inner.termination.cookie_request = 'V';
  inner.bytes_in = 1ull << 40;
  inner.request_line = "GET / HTTP/1.1";
  inner.request_captures = {"a", ""};
  inner.timeout_tunnel = base::Millis(9);
  inner.variables.push_back({{expr::Scope::txn, 78}, expr::Value::of_text(""), "text"});
  return moved;
}

TEST_F(ChannelTest, ConnectionsArriveWithTheirDescriptors) {
  Ear other;
  Channel from(loop_, std::move(ours_), other), to(loop_, std::move(theirs_), ear_);
  tandem::Bequest told;
  told.mutable_told();
  for (int i = 0; i < 300; ++i) {
    for (bool tunnel : {true, false}) {
      stream::MovedConnection moved = connection(tunnel);
      Descriptors fds;
      const tandem::Bequest bequest = encode(moved, fds);
      from.send(bequest, std::move(fds));
    }
    from.send(told);
  }
  ASSERT_TRUE(until([&] { return ear_.heard.size() == 900; })) << ear_.reason;
  for (size_t i = 0; i < 900; ++i) {
    ASSERT_EQ(ear_.came[i].size(), i % 3 == 0 ? 2u : i % 3 == 1 ? 1u : 0u);
    if (i % 3 == 2) continue;
    auto moved = decode(ear_.heard[i].connection(), std::move(ear_.came[i]));
    ASSERT_TRUE(moved);
    EXPECT_EQ(::write(moved->wire.fd.get(), "x", 1), 1) << "the client's";
    if (!moved->tunnel) continue;
    char zero = 'x';
    EXPECT_EQ(::read(moved->tunnel->wire.fd.get(), &zero, 1), 1);
    EXPECT_EQ(zero, '\0') << "the server's";
  }
}

TEST_F(ChannelTest, AConnectionIsReadAsItWasWritten) {
  stream::MovedConnection moved = connection(true);
  Descriptors fds;
  const tandem::Bequest bequest = encode(moved, fds);
  ASSERT_EQ(descriptors_of(bequest), fds.size());
  auto read = decode(bequest.connection(), std::move(fds));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->frontend, "fe");
  EXPECT_EQ(read->listener, 2u);
  EXPECT_EQ(read->wire.unsent, moved.wire.unsent);
  EXPECT_EQ(read->src, moved.src);
  EXPECT_EQ(read->deadline, base::kNever);
  EXPECT_EQ(read->requests, 3u);
  EXPECT_EQ(read->tracks[0].key, "key");
  EXPECT_EQ(read->variables[0].value.integer, -5);
  EXPECT_EQ(read->tunnel->at.connected, base::MonoTime(base::Seconds(5)));
  EXPECT_EQ(read->tunnel->at.end, base::kNever);
  EXPECT_EQ(read->tunnel->termination.cookie_request, 'V');
  EXPECT_EQ(read->tunnel->bytes_in, 1ull << 40);
  EXPECT_EQ(read->tunnel->request_captures, moved.tunnel->request_captures);
  EXPECT_EQ(read->tunnel->timeout_tunnel, base::Millis(9));
  EXPECT_EQ(read->tunnel->variables[0].text, "text");
}

TEST_F(ChannelTest, NonsenseIsNoConnection) {
  stream::MovedConnection moved = connection(true);
  Descriptors fds;
  const tandem::Bequest good = encode(moved, fds);
  EXPECT_FALSE(decode(good.connection(), {})) << "without descriptors";
  auto with = [&](auto spoil) {
    tandem::Connection bad = good.connection();
    spoil(bad);
    Descriptors two;
    for (int i = 0; i < 2; ++i) two.emplace_back(::open("/dev/null", O_RDWR | O_CLOEXEC));
    return decode(bad, std::move(two)).has_value();
  };
  EXPECT_TRUE(with([](tandem::Connection&) {}));
  EXPECT_FALSE(with([](tandem::Connection& bad) { bad.mutable_tunnel()->clear_moments(); }));
  EXPECT_FALSE(with([](tandem::Connection& bad) { bad.mutable_tunnel()->set_termination("-"); }));
  EXPECT_FALSE(with([](tandem::Connection& bad) { bad.mutable_tunnel()->set_status(70000); }));
  EXPECT_FALSE(with([](tandem::Connection& bad) { bad.set_received(std::string(2 << 20, 'x')); }));
}

TEST_F(ChannelTest, MoreThanTheSocketTakesWaits) {
  Ear other;
  Channel from(loop_, std::move(ours_), other);
  tandem::Bequest large;
  large.mutable_connection();
  large.mutable_rows()->set_table(std::string(1 << 20, 't'));
  for (int i = 0; i < 5; ++i) from.send(large);
  loop_.run_nowait();
  EXPECT_FALSE(from.empty());
  Channel to(loop_, std::move(theirs_), ear_);
  ASSERT_TRUE(until([&] { return ear_.heard.size() == 5; }));
  EXPECT_TRUE(from.empty());
}

TEST_F(ChannelTest, BytesThatAreNoFrame) {
  EXPECT_EQ(verdict("\xff\xff\xff\xff").substr(0, 10), "malformed:");
}

TEST_F(ChannelTest, AFrameThatIsNoMessage) {
  EXPECT_EQ(verdict(std::string_view("\0\0\0\3\xff\xff\xff", 7)), "malformed: no bequest");
}

TEST_F(ChannelTest, AConnectionWithoutDescriptors) {
  tandem::Bequest bequest;
  bequest.mutable_connection()->set_frontend("fe");
  std::string frame;
  ipc::append_frame(frame, bequest.SerializeAsString());
  EXPECT_EQ(verdict(frame), "malformed: descriptors are missing");
}

TEST_F(ChannelTest, ThePeerGoes) {
  Channel channel(loop_, std::move(theirs_), ear_);
  ours_.reset();
  ASSERT_TRUE(until([&] { return !ear_.reason.empty(); }));
  EXPECT_EQ(ear_.reason, "closed");
  EXPECT_FALSE(channel.open());
}

}  // namespace
}  // namespace lbd::heir
