#include "ipc/rights.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ipc {
namespace {

TEST(Rights, OurOwnUserIsTrusted) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const base::Fd a(ends[0]), b(ends[1]);
  EXPECT_TRUE(is_trusted_user(a.get()));
}

TEST(Rights, WhoIsUnknownIsNot) {
  EXPECT_FALSE(is_trusted_user(-1));
  const base::Fd tcp(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // The kernel tells no user of a TCP socket: it says that there is none.
  EXPECT_FALSE(is_trusted_user(tcp.get()));
}

TEST(Rights, OthersMayNeverConnect) {
  EXPECT_EQ(usual_owner().mode & 0007, 0u);
  if (!usual_owner().gid) {
    EXPECT_EQ(usual_owner().mode, 0600u);
  }
}

}  // namespace
}  // namespace ipc
