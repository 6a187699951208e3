#include "lbd/net/connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace lbd::net {
namespace {

class Recorder : public Connection {
 public:
  Recorder(Io& io, base::Fd fd) : Connection(io, std::move(fd), plain_transport()) { watch(EV_READ); }
  using Connection::close;
  using Connection::Got;
  using Connection::Sent;
  using Connection::receive;
  using Connection::rx_;
  using Connection::send;
  using Connection::tx_;
  void on_readable() override {
    ++readable;
    if (read_automatically) last = receive();
  }
  void on_writable() override {
    ++writable;
    send();
  }
  void on_timeout() override { ++timeouts; }
  int readable = 0, writable = 0, timeouts = 0;
  bool read_automatically = true;
  Got last = Got::nothing;
};

struct Pair {
  Pair() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    near = base::Fd(ends[0]);
    far = base::Fd(ends[1]);
  }
  void say(std::string_view text) { EXPECT_EQ(::write(far.get(), text.data(), text.size()), ssize_t(text.size())); }
  base::Fd near, far;
};

TEST(Connection, ReadsWhatComesAndSeesTheEnd) {
  Io io(4096);
  Pair pair;
  Recorder connection(io, std::move(pair.near));
  pair.say("hello");
  io.loop.run_once();
  EXPECT_EQ(connection.last, Recorder::Got::bytes);
  EXPECT_EQ(connection.rx_.to_string(), "hello");
  pair.far.reset();
  io.loop.run_once();
  EXPECT_EQ(connection.last, Recorder::Got::end);
  EXPECT_EQ(connection.wire_input(), Connection::Wire::end);
}

TEST(Connection, PausedItLeavesBytesInTheKernelAndDoesNotSpin) {
  Io io(4096);
  Pair pair;
  Recorder connection(io, std::move(pair.near));
  connection.pause_reading();
  pair.say("x");
  for (int i = 0; i < 5; ++i) io.loop.run_nowait();
  EXPECT_EQ(connection.readable, 0);
  connection.resume_reading();
  io.loop.run_once();
  EXPECT_EQ(connection.rx_.to_string(), "x");
}

TEST(Connection, WhatTheSocketDoesNotTakeGoesOutLater) {
  Io io(4096);
  Pair pair;
  Recorder connection(io, std::move(pair.near));
  std::string much(4 << 20, 'y');
  connection.tx_.append(io.chunks, much);
  EXPECT_EQ(connection.send(), Recorder::Sent::blocked);
  std::string seen;
  char block[65536];
  while (seen.size() < much.size()) {
    ssize_t n = ::read(pair.far.get(), block, sizeof block);
    if (n > 0)
      seen.append(block, size_t(n));
    else
      io.loop.run_once();
  }
  EXPECT_EQ(seen, much);
  EXPECT_GT(connection.writable, 0);
  EXPECT_EQ(connection.unsent(), 0u);
}

TEST(Connection, ReadsGrowWithTheFlowAndShrinkAgain) {
  Io io(4096);
  Pair pair;
  Recorder connection(io, std::move(pair.near));
  connection.read_automatically = false;
  pair.say(std::string(50000, 'z'));
  EXPECT_EQ(connection.receive(), Recorder::Got::bytes);
  EXPECT_EQ(connection.rx_.size(), 4096u);
  EXPECT_EQ(connection.receive(), Recorder::Got::bytes);
  EXPECT_EQ(connection.rx_.size(), 50000u);  // the second read had a larger chunk
}

TEST(Connection, InactivityIsCountedFromTheLastByte) {
  Io io(4096);
  Pair pair;
  Recorder connection(io, std::move(pair.near));
  base::MonoTime start = base::mono_now();
  connection.set_timeout(base::Millis(60));
  base::Timer speak(io.loop);
  struct Speaker {
    Pair& pair;
    void operator_() { pair.say("a"); }
  } speaker{pair};
  speak.bind<&Speaker::operator_>(&speaker);
  speak.start_after(base::Millis(40));
  while (connection.timeouts == 0) io.loop.run_once();
  EXPECT_GE(base::mono_now() - start, base::Millis(98));
}

TEST(Connection, WritingToAPeerThatIsGoneIsAState) {
  Io io(4096);
  Pair pair;
  Recorder connection(io, std::move(pair.near));
  pair.far.reset();
  connection.tx_.append(io.chunks, "late");
  EXPECT_EQ(connection.send(), Recorder::Sent::error);
  EXPECT_TRUE(connection.output_failed());
  EXPECT_EQ(connection.last_errno(), EPIPE);
}

}  // namespace
}  // namespace lbd::net
