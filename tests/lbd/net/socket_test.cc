#include "lbd/net/socket.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

namespace lbd::net {
namespace {

config::BindAddress ip(std::string_view address, uint16_t port) {
  config::BindAddress at;
  at.address = base::SockAddr(base::IpPort{*base::IpAddr::parse(address), port});
  at.text = std::string(address) + ":" + std::to_string(port);
  return at;
}

class TempDir {
 public:
  TempDir() {
    char name[] = "/tmp/tandem-socket-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TempDir() { std::filesystem::remove_all(path); }
  std::string path;
};

TEST(OpenListeners, AllWorkersShareAPortThatTheKernelChose) {
  config::Bind bind;
  auto fds = open_listeners(bind, ip("127.0.0.1", 0), 3);
  ASSERT_TRUE(fds);
  ASSERT_EQ(fds->size(), 3u);
  uint16_t port = base::SockAddr::local_of((*fds)[0].get()).port();
  EXPECT_NE(port, 0);
  for (base::Fd& fd : *fds) EXPECT_EQ(base::SockAddr::local_of(fd.get()).port(), port);
}

TEST(OpenListeners, TransparentBindsAnAddressThatIsNotHere) {
  config::Bind bind;
  EXPECT_FALSE(open_listeners(bind, ip("192.0.2.1", 0), 1));
  bind.transparent = true;
  EXPECT_TRUE(open_listeners(bind, ip("192.0.2.1", 0), 1));
}

TEST(OpenListeners, AnErrorNamesTheAddress) {
  config::Bind bind;
  auto refused = open_listeners(bind, ip("192.0.2.1", 80), 1);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("[192.0.2.1:80]"), std::string::npos);
}

TEST(OpenListeners, AUnixSocketGetsItsModeAndReplacesAnOldOne) {
  TempDir dir;
  config::Bind bind;
  bind.mode = 0600;
  config::BindAddress at;
  at.kind = config::BindAddress::Kind::unix;
  at.text = dir.path + "/s";
  at.address = base::SockAddr::unix_path(at.text);
  auto first = open_listeners(bind, at, 2);
  ASSERT_TRUE(first);
  auto second = open_listeners(bind, at, 1);
  ASSERT_TRUE(second);
  struct stat about;
  ASSERT_EQ(::stat(at.text.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  auto client = start_connect(at.address, {});
  ASSERT_TRUE(client);
  pollfd ready{(*second)[0].get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 2000), 1);
}

TEST(OpenListeners, AnInheritedSocketKeepsItsClients) {
  config::Bind bind;
  auto opened = open_listeners(bind, ip("127.0.0.1", 0), 1);
  ASSERT_TRUE(opened);
  int inherited = (*opened)[0].get();
  ASSERT_TRUE(base::Fd::set_nonblock(inherited, false));
  auto client = start_connect(base::SockAddr::local_of(inherited), {});
  ASSERT_TRUE(client);
  config::BindAddress at;
  at.kind = config::BindAddress::Kind::fd;
  at.fd = inherited;
  at.text = "fd@" + std::to_string(inherited);
  auto adopted = open_listeners(bind, at, 2);
  ASSERT_TRUE(adopted);
  pollfd ready{(*adopted)[1].get(), POLLIN, 0};
  ASSERT_EQ(::poll(&ready, 1, 2000), 1);
  EXPECT_GE(base::Fd(::accept((*adopted)[1].get(), nullptr, nullptr)).get(), 0);
}

TEST(StartConnect, ARefusedConnectionShowsInTheSocket) {
  config::Bind bind;
  uint16_t port;
  {
    auto opened = open_listeners(bind, ip("127.0.0.1", 0), 1);
    ASSERT_TRUE(opened);
    port = base::SockAddr::local_of((*opened)[0].get()).port();
  }
  auto fd = start_connect(base::SockAddr(base::IpPort{*base::IpAddr::parse("127.0.0.1"), port}), {});
  if (!fd) {
    EXPECT_EQ(fd.error().code, base::Code::refused);
    return;
  }
  pollfd ready{fd->get(), POLLOUT, 0};
  ASSERT_EQ(::poll(&ready, 1, 2000), 1);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd->get(), SOL_SOCKET, SO_ERROR, &error, &size);
  EXPECT_EQ(error, ECONNREFUSED);
}

TEST(StartConnect, TakesAPortOfTheRangeThatIsFree) {
  config::Bind bind;
  auto listener = open_listeners(bind, ip("127.0.0.1", 0), 1);
  ASSERT_TRUE(listener);
  base::SockAddr to = base::SockAddr::local_of(listener->front().get());
  // Two neighbours that are free now: those of two sockets that are closed again.
  config::Source source;
  for (bool both = false; !both;) {
    auto first = open_listeners(bind, ip("127.0.0.1", 0), 1);
    ASSERT_TRUE(first);
    source.address = base::SockAddr::local_of(first->front().get()).ip_port();
    source.last_port = static_cast<uint16_t>(source.address.port + 1);
    both = source.last_port != 0 && open_listeners(bind, ip("127.0.0.1", source.last_port), 1);
  }
  ConnectOptions options;
  options.source = &source;
  std::set<uint16_t> used;
  std::vector<base::Fd> open;
  for (int i = 0; i < 2; ++i) {
    auto fd = start_connect(to, options);
    ASSERT_TRUE(fd) << fd.error().text;
    used.insert(base::SockAddr::local_of(fd->get()).port());
    open.push_back(std::move(*fd));
  }
  EXPECT_EQ(used, (std::set<uint16_t>{source.address.port, source.last_port}));
  EXPECT_FALSE(start_connect(to, options));
}

TEST(StartConnect, ShowsAnotherAddress) {
  config::Bind bind;
  auto listener = open_listeners(bind, ip("127.0.0.1", 0), 1);
  ASSERT_TRUE(listener);
  config::Source source;
  source.address.ip = *base::IpAddr::parse("127.0.0.1");
  base::IpPort shown{*base::IpAddr::parse("127.0.0.77"), 0};
  ConnectOptions options;
  options.source = &source;
  options.shown = &shown;
  auto fd = start_connect(base::SockAddr::local_of(listener->front().get()), options);
  ASSERT_TRUE(fd) << fd.error().text;
  EXPECT_EQ(base::SockAddr::local_of(fd->get()).ip_port().ip.to_string(), "127.0.0.77");
}

TEST(SocketOptions, AreThoseOfTheConfiguration) {
  base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SocketOptions options;
  options.keepalive = true;
  options.probes = {7, base::Seconds(11), base::Seconds(13)};
  options.receive_buffer = options.send_buffer = 50000;
  options.not_sent_low = 9000;
  options.no_linger = true;
  tune_accepted(fd.get(), options);
  auto value = [&](int level, int option) {
    int got = -1;
    socklen_t size = sizeof got;
    ::getsockopt(fd.get(), level, option, &got, &size);
    return got;
  };
  EXPECT_EQ(value(SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(value(IPPROTO_TCP, TCP_KEEPCNT), 7);
  EXPECT_EQ(value(IPPROTO_TCP, TCP_KEEPIDLE), 11);
  EXPECT_EQ(value(IPPROTO_TCP, TCP_KEEPINTVL), 13);
  EXPECT_EQ(value(SOL_SOCKET, SO_RCVBUF), 100000);  // the kernel doubles it
  EXPECT_EQ(value(SOL_SOCKET, SO_SNDBUF), 100000);
  EXPECT_EQ(value(IPPROTO_TCP, TCP_NOTSENT_LOWAT), 9000);
  linger how{};
  socklen_t size = sizeof how;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &how, &size);
  EXPECT_TRUE(how.l_onoff == 1 && how.l_linger == 0);
}

}  // namespace
}  // namespace lbd::net
