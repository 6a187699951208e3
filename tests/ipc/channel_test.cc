#include "ipc/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

namespace ipc {
namespace {

struct Recorder final : ChannelEvents {
  std::string on_hello(Channel&, const tandem::Hello& hello) override {
    hellos.push_back(hello.node());
    return refuse;
  }
  void on_envelope(Channel& channel, const tandem::Envelope& envelope) override {
    bodies.push_back(envelope.body_case());
    if (close_at_envelope) channel.close("enough");
    if (destroy_at_envelope) destroy_at_envelope->reset();
  }
  void on_writable(Channel&) override { ++writable; }
  void on_closed(Channel&, const std::string& why) override { reason = why; }
  std::vector<std::string> hellos;
  std::vector<tandem::Envelope::BodyCase> bodies;
  std::string refuse, reason;
  int writable = 0;
  bool close_at_envelope = false;
  std::unique_ptr<Channel>* destroy_at_envelope = nullptr;
};

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    a_fd_ = base::Fd(fds[0]);
    b_fd_ = base::Fd(fds[1]);
  }
  std::unique_ptr<Channel> make(base::Fd fd, const char* node, Recorder& events, const ChannelOptions& options = {}) {
    return std::make_unique<Channel>(loop_, std::move(fd), make_hello(tandem::ROLE_SYNCD, "1", node), options,
                                     counters_, events);
  }
  void settle() {
    for (int i = 0; i < 20; ++i) loop_.run_nowait();
  }
  template <typename Until>
  void run_until(Until until) {
    base::MonoTime give_up = base::mono_now() + base::Seconds(10);
    while (!until() && base::mono_now() < give_up) loop_.run_once();
  }
  void raw(std::string_view bytes) {
    ASSERT_EQ(write(b_fd_.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    settle();
  }
  static tandem::Envelope update(uint64_t sequence) {
    tandem::Envelope envelope;
    envelope.mutable_update()->set_sequence(sequence);
    return envelope;
  }

  base::Loop loop_;
  LinkCounters counters_;
  base::Fd a_fd_, b_fd_;
  Recorder a_events_, b_events_;
};

TEST_F(ChannelTest, HelloComesFirstAndEnvelopesFollow) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  auto b = make(std::move(b_fd_), "nb", b_events_);
  a->send(update(1));
  settle();
  EXPECT_EQ(a_events_.hellos, std::vector<std::string>{"nb"});
  EXPECT_EQ(b_events_.hellos, std::vector<std::string>{"na"});
  EXPECT_EQ(b_events_.bodies, std::vector{tandem::Envelope::kUpdate});
  EXPECT_GE(a_events_.writable, 1);
}

TEST_F(ChannelTest, AGoodbyeIsTold) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  auto b = make(std::move(b_fd_), "nb", b_events_);
  settle();
  a->close("reload", true);
  settle();
  EXPECT_EQ(b_events_.bodies, std::vector{tandem::Envelope::kGoodbye});
  EXPECT_EQ(b_events_.reason, "closed by the peer: reload");
  EXPECT_EQ(a_events_.reason, "") << "who closes is not called";
}

TEST_F(ChannelTest, ARefusalReachesBothEnds) {
  a_events_.refuse = "unknown node";
  auto a = make(std::move(a_fd_), "na", a_events_);
  auto b = make(std::move(b_fd_), "nb", b_events_);
  settle();
  EXPECT_EQ(a_events_.reason, "refused: unknown node");
  EXPECT_EQ(b_events_.reason, "closed by the peer: unknown node");
  EXPECT_EQ(counters_.refused.get(), 1u);
}

TEST_F(ChannelTest, AnotherProtocolIsRefused) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  tandem::Hello other = make_hello(tandem::ROLE_SYNCD, "9", "nb");
  other.set_protocol(kProtocol + 1);
  Channel b(loop_, std::move(b_fd_), other, {}, counters_, b_events_);
  settle();
  EXPECT_EQ(a_events_.reason, "the peer speaks protocol 2, not 1");
  EXPECT_TRUE(a_events_.hellos.empty());
}

TEST_F(ChannelTest, GarbageIsCountedAndCloses) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  raw("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(a_events_.reason, "malformed: a frame of 1195725856 bytes, the limit is 1048576");
  EXPECT_EQ(counters_.malformed.get(), 1u);
  EXPECT_FALSE(a->open());
}

TEST_F(ChannelTest, WhatIsNoEnvelopeCloses) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  raw(std::string("\0\0\0\2\xff\xff", 6));
  EXPECT_EQ(a_events_.reason, "malformed: not an envelope");
}

TEST_F(ChannelTest, NothingBeforeTheHello) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  std::string bytes;
  append_frame(bytes, update(1).SerializeAsString());
  raw(bytes);
  EXPECT_EQ(a_events_.reason, "malformed: no hello");
  EXPECT_TRUE(a_events_.bodies.empty());
}

TEST_F(ChannelTest, HeartbeatsKeepAQuietLinkAlive) {
  ChannelOptions options{.heartbeat = base::Millis(10), .silence = base::Millis(200)};
  auto a = make(std::move(a_fd_), "na", a_events_, options);
  auto b = make(std::move(b_fd_), "nb", b_events_, options);
  base::MonoTime end = base::mono_now() + base::Millis(500);
  while (base::mono_now() < end) loop_.run_once();
  EXPECT_TRUE(a->open() && b->open()) << a_events_.reason << b_events_.reason;
  EXPECT_TRUE(a_events_.bodies.empty()) << "heartbeats are not the user's business";
}

TEST_F(ChannelTest, SilenceCloses) {
  ChannelOptions options{.heartbeat = base::Seconds(1), .silence = base::Millis(20)};
  auto a = make(std::move(a_fd_), "na", a_events_, options);
  run_until([&] { return !a_events_.reason.empty(); });
  EXPECT_EQ(a_events_.reason, "nothing heard for 20 ms");
  EXPECT_EQ(counters_.silent.get(), 1u);
}

TEST_F(ChannelTest, APeerThatDoesNotReadIsDropped) {
  ChannelOptions options{.queue_limit = 100'000};
  auto a = make(std::move(a_fd_), "na", a_events_, options);
  tandem::Envelope big;
  big.mutable_goodbye()->set_reason(std::string(10'000, 'x'));
  for (int i = 0; i < 200; ++i) {
    a->send(big);
    loop_.run_nowait();
  }
  settle();
  EXPECT_EQ(a_events_.reason, "the peer is too slow");
}

TEST_F(ChannelTest, SealedBothWays) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  auto b = make(std::move(b_fd_), "nb", b_events_);
  settle();
  a->seal_outgoing("k1");
  b->seal_incoming("k1");
  b->seal_outgoing("k2");
  a->seal_incoming("k2");
  a->send(update(1));
  b->send(update(2));
  settle();
  EXPECT_EQ(b_events_.bodies.size(), 1u);
  EXPECT_EQ(a_events_.bodies.size(), 1u);
}

TEST_F(ChannelTest, AWrongSealCloses) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  auto b = make(std::move(b_fd_), "nb", b_events_);
  settle();
  b->seal_incoming("k1");
  a->send(update(1));
  settle();
  EXPECT_TRUE(b_events_.bodies.empty());
  EXPECT_EQ(b_events_.reason, "malformed: wrong seal");
}

TEST_F(ChannelTest, AHandlerMayCloseOrDestroy) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  auto b = make(std::move(b_fd_), "nb", b_events_);
  b_events_.destroy_at_envelope = &b;
  a->send(update(1));
  a->send(update(2));
  settle();
  EXPECT_EQ(b_events_.bodies.size(), 1u);
  EXPECT_EQ(a_events_.reason, "closed by the peer");
}

TEST_F(ChannelTest, AfterCloseNothingMoreIsDelivered) {
  auto a = make(std::move(a_fd_), "na", a_events_);
  auto b = make(std::move(b_fd_), "nb", b_events_);
  b_events_.close_at_envelope = true;
  a->send(update(1));
  a->send(update(2));
  settle();
  EXPECT_EQ(b_events_.bodies.size(), 1u);
  EXPECT_EQ(b_events_.reason, "");
}

}  // namespace
}  // namespace ipc
