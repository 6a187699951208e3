#include "lbd/net/transport.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/fd.h"

namespace lbd::net {
namespace {

TEST(PlainTransport, TellsEndBlockAndErrorApart) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  base::Fd near(ends[0]), far(ends[1]);
  Transport& plain = plain_transport();
  char room[16];
  EXPECT_EQ(plain.read(near.get(), room).state, IoResult::State::blocked);
  iovec pieces[2] = {{const_cast<char*>("ab"), 2}, {const_cast<char*>("cd"), 2}};
  EXPECT_EQ(plain.write(far.get(), pieces, 2, false).bytes, 4u);
  EXPECT_EQ(plain.read(near.get(), room).bytes, 4u);
  plain.shutdown_write(far.get());
  EXPECT_EQ(plain.read(near.get(), room).state, IoResult::State::end);
  far.reset();
  IoResult gone = plain.write(near.get(), pieces, 1, false);
  EXPECT_EQ(gone.state, IoResult::State::error);
  EXPECT_EQ(gone.error, EPIPE);
}

}  // namespace
}  // namespace lbd::net
