#include "lbd/net/socks4.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "base/fd.h"

namespace lbd::net {
namespace {

using Step = Socks4::Step;

class Socks4Test : public testing::Test {
 protected:
  Socks4Test() {
    int ends[2];
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    ours_ = base::Fd(ends[0]);
    proxy_ = base::Fd(ends[1]);
  }
  void say(std::string_view bytes) {
    ASSERT_EQ(::send(proxy_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  std::string heard() {
    char bytes[64];
    const ssize_t got = ::recv(proxy_.get(), bytes, sizeof bytes, 0);
    return {bytes, static_cast<size_t>(std::max<ssize_t>(got, 0))};
  }
  Step after(std::string_view answer) {
    say(answer);
    return socks_.receive(ours_.get());
  }
  base::Fd ours_, proxy_;
  Socks4 socks_{base::IpPort{base::IpAddr::v4(0x7f000001), 8080}};
};

TEST_F(Socks4Test, AsksAsHaproxyDoes) {
  EXPECT_EQ(socks_.send(ours_.get()), Step::wait);
  EXPECT_EQ(heard(), std::string("\x04\x01\x1f\x90\x7f\0\0\x01HAProxy\0", 16));
}

TEST_F(Socks4Test, GrantedInPiecesAndTheRestStays) {
  EXPECT_EQ(socks_.receive(ours_.get()), Step::wait);
  EXPECT_EQ(after(std::string_view("\0\x5a\0", 3)), Step::wait);
  EXPECT_EQ(after(std::string_view("\0\0\0\0\0server", 11)), Step::granted);
  char rest[16];
  EXPECT_EQ(::recv(ours_.get(), rest, sizeof rest, 0), 6);
}

TEST_F(Socks4Test, Denied) {
  EXPECT_EQ(after(std::string_view("\0\x5b\0\0\0\0\0\0", 8)), Step::denied);
}

TEST_F(Socks4Test, TheEndIsAFailure) {
  say(std::string_view("\0\x5a", 2));
  proxy_.reset();
  EXPECT_EQ(socks_.receive(ours_.get()), Step::failed);
}

TEST_F(Socks4Test, NoPlaceForIpv6) {
  Socks4 other(base::IpPort{*base::IpAddr::parse("::1"), 80});
  EXPECT_EQ(other.send(ours_.get()), Step::failed);
}

}  // namespace
}  // namespace lbd::net
