#include "lbd/stream/stream.h"
#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

constexpr const char* kTwo = " server s1 127.0.0.1:81\n server s2 127.0.0.1:82\n";

class AttachTest : public StreamTest {};

TEST_F(AttachTest, WithoutAServerThereIs503) {
  load(pair_of("", "", ""));
  EXPECT_TRUE(begins(client(kGet).got, "HTTP/1.1 503 Service Unavailable\r\n"));
}

TEST_F(AttachTest, AFailedConnectionIsTriedAgain) {
  load(pair_of("", " timeout connect 20ms\n retries 2\n"));
  refused = 2;
  Side& c = client(kGet);
  ASSERT_TRUE(until([&] { return servers.size() == 1; }));
  settle();
  servers[0]->send(kOk);
  settle();
  EXPECT_EQ(c.got, kOkSent);
  refused = 3;
  servers[0]->close();
  settle();
  Side& other = client(kGet);
  ASSERT_TRUE(until([&] { return !other.got.empty(); }));
  EXPECT_TRUE(begins(other.got, "HTTP/1.1 503 ")) << other.got;
}

TEST_F(AttachTest, RedispatchGoesToAnotherServer) {
  load(pair_of("", " balance first\n timeout connect 20ms\n retries 1\n option redispatch 1\n", kTwo));
  refused = 1;
  Side& c = client(kGet);
  ASSERT_TRUE(until([&] { return servers.size() == 1; }));
  EXPECT_EQ(servers[0]->server, "s2");
  servers[0]->send(kOk);
  settle();
  EXPECT_EQ(c.got, kOkSent);
}

TEST_F(AttachTest, AFullServerMakesTheNextWait) {
  load(pair_of("", "", " server s1 127.0.0.1:81 maxconn 1\n"));
  Side& first = client(kGet);
  Side& second = client(kGet);
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(server().served(), 1u);
  servers[0]->take();
  servers[0]->send(kOk);
  settle();
  EXPECT_EQ(first.take(), kOkSent);
  EXPECT_EQ(servers.back()->take(), "GET /a HTTP/1.1\r\nhost: h\r\n\r\n");
  servers.back()->send(kOk);
  settle();
  EXPECT_EQ(second.take(), kOkSent);
  EXPECT_EQ(server().served(), 0u);
}

TEST_F(AttachTest, WaitingHasAnEnd) {
  load(pair_of("", " timeout queue 20ms\n", " server s1 127.0.0.1:81 maxconn 1\n"));
  client(kGet);
  Side& second = client(kGet);
  ASSERT_TRUE(until([&] { return !second.got.empty(); }));
  EXPECT_TRUE(begins(second.got, "HTTP/1.1 503 ")) << second.got;
  EXPECT_EQ(server().queue().size(), 0u);
}

TEST_F(AttachTest, WhoLeavesTheQueueTakesNoPlace) {
  load(pair_of("", " option abortonclose\n", " server s1 127.0.0.1:81 maxconn 1\n"));
  client(kGet);
  Side& second = client(kGet);
  second.close();
  settle();
  servers[0]->send(kOk);
  settle();
  EXPECT_EQ(server().served(), 0u);
  EXPECT_EQ(engine_->objects().find_backend("be")->queue().size() + server().queue().size(), 0u);
}

TEST_F(AttachTest, ARequestThatMetAClosedConnectionGoesOutAgain) {
  Side& c = client(kGet);
  servers[0]->send(kOk);
  settle();
  EXPECT_EQ(c.take(), kOkSent);
  // The server closes in the very moment in which the next request is on its way.
  c.send(kGet);
  servers[0]->close();
  settle();
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[1]->take(), "GET /a HTTP/1.1\r\nhost: h\r\n\r\n");
  servers[1]->send(kOk);
  settle();
  EXPECT_EQ(c.take(), kOkSent);
}

TEST_F(AttachTest, ARequestOnAFreshConnectionIsNotSentTwice) {
  Side& c = client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
  servers[0]->close();
  settle();
  EXPECT_EQ(servers.size(), 1u);
  EXPECT_TRUE(begins(c.got, "HTTP/1.1 502 ")) << c.got;
}

TEST_F(AttachTest, ConnectionsAreSharedAsHttpReuseSays) {
  for (bool shared : {true, false}) {
    load(pair_of("", shared ? " http-reuse always\n" : " http-reuse never\n"));
    client(kGet);
    servers[0]->send(kOk);
    settle();
    client(kGet);
    EXPECT_EQ(servers.size(), shared ? 1u : 2u);
  }
}

TEST_F(AttachTest, ThePoolKeepsNoMoreThanItMay) {
  load(pair_of("", "", " server s1 127.0.0.1:81 pool-max-conn 1\n"));
  client(kGet);
  client(kGet);
  ASSERT_EQ(servers.size(), 2u);
  servers[0]->send(kOk);
  servers[1]->send(kOk);
  settle();
  EXPECT_EQ(worker_->idle(server()).size(), 1u);
  EXPECT_NE(servers[0]->ended, servers[1]->ended);
}

TEST_F(AttachTest, ProxyHeadersComeFirst) {
  load(pair_of("", "", " server s1 127.0.0.1:81 send-proxy\n"));
  client(kGet);
  EXPECT_TRUE(begins(servers[0]->got, "PROXY TCP4 192.0.2.1 198.51.100.1 1234 8080\r\nGET /a HTTP/1.1\r\n"));
  load(pair_of("", "", " server s1 127.0.0.1:81 send-proxy-v2\n"));
  client(kGet);
  EXPECT_TRUE(begins(servers[0]->got, std::string_view("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01", 20)));
}

TEST_F(AttachTest, OutOfPortsIsAnErrorOfOurs) {
  load(pair_of("", " retries 0\n"));
  refused = 1;
  refusal = EADDRNOTAVAIL;
  EXPECT_TRUE(begins(client(kGet).got, "HTTP/1.1 500 "));
}

}  // namespace
}  // namespace lbd::stream
