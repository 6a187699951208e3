#include "vrrpd/tcp_flows.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/fd.h"

namespace vrrpd {
namespace {

base::IpAddr ip(const char* text) {
  return base::IpAddr::parse(text).value();
}

// A connection over the loopback, with both of its ends.
struct Connection {
  Connection(const char* listening_on, const char* to) {
    const base::SockAddr at({ip(listening_on), 0});
    const base::Fd listener(socket(at.sa()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK(bind(listener.get(), at.sa(), at.length()) == 0 && listen(listener.get(), 1) == 0);
    const base::SockAddr target({ip(to), base::SockAddr::local_of(listener.get()).ip_port().port});
    client = base::Fd(socket(target.sa()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK(connect(client.get(), target.sa(), target.length()) == 0);
    server = base::Fd(accept(listener.get(), nullptr, nullptr));
    flow = {base::SockAddr::local_of(client.get()).ip_port(), target.ip_port()};
  }
  base::Fd client, server;
  TcpFlow flow;
};

TEST(TcpFlows, TellsWhatEndsAtAnAddress) {
  const Connection one("127.0.0.77", "127.0.0.77");
  const auto found = tcp_flows({ip("127.0.0.77")}, 10);
  ASSERT_TRUE(found);
  // The client's end is at that address or another one of the loopback.
  EXPECT_NE(std::find(found->begin(), found->end(), one.flow), found->end());
  for (const TcpFlow& flow : *found) EXPECT_EQ(flow.local.ip, ip("127.0.0.77"));
}

TEST(TcpFlows, TellsThoseOfSocketsForBothFamilies) {
  const Connection one("::", "127.0.0.78");
  const auto found = tcp_flows({ip("127.0.0.78")}, 10);
  ASSERT_TRUE(found);
  EXPECT_NE(std::find(found->begin(), found->end(), one.flow), found->end());
}

TEST(TcpFlows, TellsNoMoreThanAskedFor) {
  const Connection one("127.0.0.79", "127.0.0.79"), two("127.0.0.79", "127.0.0.79");
  EXPECT_EQ(tcp_flows({ip("127.0.0.79")}, 1).value().size(), 1u);
}

TEST(TcpFlows, OfWhatIsClosedAndElsewhereNothing) {
  Connection one("127.0.0.80", "127.0.0.80");
  EXPECT_TRUE(tcp_flows({ip("127.0.0.81")}, 10).value().empty());
  one.client.reset();
  one.server.reset();
  while (!tcp_flows({ip("127.0.0.80")}, 10).value().empty()) {
  }
  EXPECT_TRUE(tcp_flows({}, 10).value().empty());
}

}  // namespace
}  // namespace vrrpd
