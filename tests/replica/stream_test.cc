// How a stream paces what it sends, with sides that have numbers for parts.
#include "replica/stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace replica {
namespace {

class End final : public ipc::ChannelEvents, public LinkEvents, public StreamSide {
 public:
  End(base::Loop& loop, uint64_t generation)
      : hello(ipc::make_hello(tandem::ROLE_SYNCD, "1", "n")), stream(loop, kPartStream, *this, generation, *this) {
    hello.set_generation(generation);
  }
  void change() {
    ++last;
    stream.schedule();
  }
  uint64_t last_sequence() const override { return last; }
  void rewind(uint64_t sequence, bool) override { sent = sequence; }
  uint64_t collect(tandem::Envelope& envelope) override {
    envelope.mutable_parts()->Clear();
    if (sent == last) return 0;
    ++batches;
    sent = std::min(last, sent + most);
    return sent;
  }
  std::string accept(const tandem::Envelope& envelope) override {
    received = envelope.parts().sequence();
    return nonsense;
  }
  std::string on_hello(ipc::Channel& from, const tandem::Hello& theirs) override {
    stream.attach(from, theirs.generation());
    return "";
  }
  void on_envelope(ipc::Channel&, const tandem::Envelope& envelope) override { stream.take(envelope); }
  void on_writable(ipc::Channel&) override {
    ++writes;
    ++last;  // something changes while it writes
    stream.on_writable();
  }
  void on_closed(ipc::Channel&, const std::string&) override { stream.detach(); }
  void on_broken(const std::string& reason) override {
    broken = reason;
    channel->abort(reason);
  }
  tandem::Hello hello;
  Stream stream;
  std::unique_ptr<ipc::Channel> channel;
  uint64_t last = 0, sent = 0, received = 0, most = 1'000'000;
  int batches = 0, writes = 0;
  std::string nonsense, broken;
};

class StreamTest : public testing::Test {
 protected:
  void SetUp() override {
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    a_.channel =
        std::make_unique<ipc::Channel>(loop_, base::Fd(fds[0]), a_.hello, ipc::ChannelOptions(), counters_, a_);
    b_.channel =
        std::make_unique<ipc::Channel>(loop_, base::Fd(fds[1]), b_.hello, ipc::ChannelOptions(), counters_, b_);
    run_until([&] { return a_.stream.complete() && b_.stream.complete(); });
    a_.batches = 0;
  }
  template <typename Until>
  void run_until(Until until) {
    base::MonoTime give_up = base::mono_now() + base::Seconds(10);
    while (!until() && base::mono_now() < give_up) loop_.run_once();
    EXPECT_TRUE(until());
  }
  base::Loop loop_;
  ipc::LinkCounters counters_;
  End a_{loop_, 1}, b_{loop_, 2};
};

TEST_F(StreamTest, WhatChangesWhileItWritesWaitsForItsTime) {
  const uint64_t before = a_.last;
  for (int i = 0; i < 100; ++i) a_.change();
  run_until([&] { return b_.received >= before + 100; });
  const int writes = a_.writes;
  run_until([&] { return a_.writes > writes || a_.stream.session().on_the_way() == 0; });
  EXPECT_EQ(a_.batches, 1) << "the change during the write was sent by itself";
  EXPECT_GT(a_.last, a_.sent);
  a_.change();
  run_until([&] { return b_.received > before + 100; });
  EXPECT_EQ(a_.batches, 2);
}

TEST_F(StreamTest, MoreThanAWindowGoesOnByItself) {
  a_.most = 1;
  const uint64_t wanted = a_.last + 3 * Session::kWindow;
  a_.last = wanted - 1;
  a_.change();
  run_until([&] { return b_.received >= wanted; });
}

TEST_F(StreamTest, WhatCameIsAcknowledgedWithoutAnythingToSend) {
  a_.change();
  run_until([&] { return b_.received >= 1 && a_.stream.session().on_the_way() == 0; });
  EXPECT_GE(a_.stream.session().acknowledged(), 1u);
}

TEST_F(StreamTest, NonsenseBreaksItWithTheReason) {
  b_.nonsense = "no sense";
  a_.change();
  run_until([&] { return !b_.broken.empty(); });
  EXPECT_EQ(b_.broken, "no sense");
  EXPECT_FALSE(b_.stream.attached());
}

}  // namespace
}  // namespace replica
