#include "syncd/handshake.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace syncd {
namespace {

class End final : public ipc::ChannelEvents {
 public:
  End(std::string_view secret, bool initiator, bool older = false) : handshake(secret, initiator), older_(older) {}
  void open(base::Loop& loop, int fd, const char* node, ipc::LinkCounters& counters) {
    tandem::Hello hello = ipc::make_hello(tandem::ROLE_SYNCD, "1", node);
    if (older_) hello.set_nonce(ipc::random_bytes(32));
    ipc::ChannelOptions options;
    options.key_exchange = !older_;
    channel = std::make_unique<ipc::Channel>(loop, base::Fd(fd), hello, options, counters, *this);
  }
  std::string on_hello(ipc::Channel& from, const tandem::Hello&) override {
    handshake.begin(from);
    return "";
  }
  void on_envelope(ipc::Channel& from, const tandem::Envelope& envelope) override {
    if (envelope.has_proof()) {
      ++proofs;
      error = handshake.take(from, envelope.proof());
    }
    updates += envelope.has_update();
  }
  void on_closed(ipc::Channel&, const std::string& reason) override { closed = reason; }
  Handshake handshake;
  std::unique_ptr<ipc::Channel> channel;
  int proofs = 0, updates = 0;
  std::string error, closed;

 private:
  const bool older_;
};

class HandshakeTest : public testing::Test {
 protected:
  void run(End& a, End& b) {
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    a.open(loop_, fds[0], "a", counters_);
    b.open(loop_, fds[1], "b", counters_);
    settle();
  }
  void settle() {
    for (int i = 0; i < 20; ++i) loop_.run_nowait();
  }
  base::Loop loop_;
  ipc::LinkCounters counters_;
};

TEST_F(HandshakeTest, APeerThatCannotEncryptIsSpokenToInClear) {
  for (bool a_older : {false, true})
    for (bool b_older : {false, true}) {
      End a("secret", true, a_older), b("secret", false, b_older);
      run(a, b);
      tandem::Envelope update;
      update.mutable_update();
      a.channel->send(update);
      b.channel->send(update);
      settle();
      EXPECT_EQ(a.updates + b.updates, 2) << a.closed << b.closed;
      EXPECT_EQ(a.channel->may_encrypt(), !a_older && !b_older);
      EXPECT_EQ(b.channel->may_encrypt(), !a_older && !b_older);
    }
}

TEST_F(HandshakeTest, ASharedSecretOpensBothDirections) {
  End a("secret", true), b("secret", false);
  run(a, b);
  EXPECT_TRUE(a.handshake.done());
  EXPECT_TRUE(b.handshake.done());
  tandem::Envelope update;
  update.mutable_update();
  a.channel->send(update);
  b.channel->send(update);
  settle();
  EXPECT_EQ(a.updates, 1);
  EXPECT_EQ(b.updates, 1);
}

TEST_F(HandshakeTest, ADifferentSecretDoesNot) {
  End a("secret", true), b("Secret", false);
  run(a, b);
  EXPECT_EQ(b.error, "the secrets differ");
  EXPECT_FALSE(b.handshake.done());
  EXPECT_EQ(a.proofs, 0) << "whoever accepts proves nothing to a stranger";
}

TEST_F(HandshakeTest, WithoutSecretsThereIsNothingToProve) {
  End a("", true), b("", false);
  run(a, b);
  EXPECT_TRUE(a.handshake.done());
  EXPECT_TRUE(b.handshake.done());
  EXPECT_EQ(a.proofs + b.proofs, 0);
}

TEST_F(HandshakeTest, ASecretOnOneSideOnlyIsNoLink) {
  End a("secret", true), b("", false);
  run(a, b);
  EXPECT_EQ(b.error, "a proof was sent, but there is no secret here");
  End c("", true), d("secret", false);
  run(c, d);
  EXPECT_FALSE(d.handshake.done());
}

// A proof does not fit another connection, nor the other direction.
TEST_F(HandshakeTest, ProofsCannotBeReplayedOrReflected) {
  tandem::Proof seen;
  {
    ipc::Transcript transcript{"hello of a", "hello of b"};
    seen.set_mac(transcript.proof("secret", true));
  }
  End a("secret", true), b("secret", false);
  int fds[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
  a.open(loop_, fds[0], "a", counters_);
  b.open(loop_, fds[1], "b", counters_);
  EXPECT_EQ(Handshake("secret", false).take(*b.channel, seen), "the secrets differ");
  settle();
  tandem::Proof own;
  own.set_mac(ipc::Transcript{a.channel->own_hello(), a.channel->peer_hello()}.proof("secret", true));
  EXPECT_EQ(Handshake("secret", true).take(*a.channel, own), "the secrets differ");
}

}  // namespace
}  // namespace syncd
