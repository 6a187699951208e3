#include "lbd/handover.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace lbd {
namespace {

class HandoverTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    here_ = base::Fd(ends[0]);
    there_ = base::Fd(ends[1]);
  }
  static base::Fd socket() { return base::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
  base::Fd here_, there_;
};

TEST_F(HandoverTest, SocketsArriveWithTheirKeys) {
  base::Fd a = socket(), b = socket();
  ASSERT_TRUE(send_sockets(here_.get(), "L\n", {{"127.0.0.1:80", a.get()}, {"/run/x", b.get()}}));
  auto parcel = receive_parcel(there_.get(), 0);
  ASSERT_TRUE(parcel);
  EXPECT_EQ(parcel->text, "L\n127.0.0.1:80\n/run/x\n");
  ASSERT_EQ(parcel->fds.size(), 2u);
  EXPECT_NE(parcel->fds[0].get(), a.get());
}

TEST_F(HandoverTest, ManyTakeSeveralMessages) {
  base::Fd a = socket();
  std::vector<NamedSocket> many(450, {"key", a.get()});
  ASSERT_TRUE(send_sockets(here_.get(), "", many));
  here_.reset();
  size_t arrived = 0;
  while (true) {
    auto parcel = receive_parcel(there_.get(), 0);
    ASSERT_TRUE(parcel);
    if (parcel->text.empty()) break;
    arrived += parcel->fds.size();
  }
  EXPECT_EQ(arrived, 450u);
}

TEST_F(HandoverTest, TheStockGivesEachSocketOnce) {
  std::vector<HandedSocket> sockets;
  for (const char* key : {"a", "b", "a"}) sockets.push_back({key, socket()});
  ListenerStock stock(std::move(sockets));
  EXPECT_EQ(stock.take("a").size(), 2u);
  EXPECT_EQ(stock.take("a").size(), 0u);
  EXPECT_EQ(stock.take("c").size(), 0u);
}

TEST_F(HandoverTest, TheStockPassesThroughTheEnvironment) {
  std::vector<HandedSocket> sockets;
  sockets.push_back({"[::1]:80%eth0+v4", socket()});
  sockets.push_back({"/run/a=b", socket()});
  std::string variable = stock_variable(sockets);
  size_t equals = variable.find('=');
  ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  auto found = stock_from_environment();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].key, "[::1]:80%eth0+v4");
  EXPECT_EQ(found[1].key, "/run/a=b");
  EXPECT_EQ(found[1].fd.get(), sockets[1].fd.get());
  for (HandedSocket& one : found) one.fd.release();  // they are those of `sockets`
  EXPECT_TRUE(stock_from_environment().empty());
}

TEST_F(HandoverTest, KeysSayWhatIsListenedOn) {
  config::Bind bind;
  config::BindAddress address;
  address.address = base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 80});
  EXPECT_EQ(key_of(bind, address), "127.0.0.1:80");
  bind.interface = "eth0";
  EXPECT_EQ(key_of(bind, address), "127.0.0.1:80%eth0");
  address.kind = config::BindAddress::Kind::fd;
  EXPECT_EQ(key_of(bind, address), "");
}

TEST_F(HandoverTest, NobodyAnswers) {
  auto fetched = fetch_sockets("/nonexistent/socket");
  ASSERT_FALSE(fetched);
  EXPECT_NE(fetched.error().text.find("/nonexistent/socket"), std::string::npos);
}

}  // namespace
}  // namespace lbd
