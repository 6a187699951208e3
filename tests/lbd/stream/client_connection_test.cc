#include "lbd/stream/client_connection.h"

#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

class ClientConnectionTest : public StreamTest {};

TEST_F(ClientConnectionTest, CarriesOneRequestAfterTheOther) {
  Side& c = client(kGet);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(servers.size(), 1u);
    EXPECT_EQ(servers[0]->take(), "GET /a HTTP/1.1\r\nhost: h\r\n\r\n");
    servers[0]->send(kOk);
    settle();
    EXPECT_EQ(c.take(), kOkSent);
    c.send(kGet);
    settle();
  }
  EXPECT_FALSE(c.ended);
}

TEST_F(ClientConnectionTest, AnswersPipelinedRequestsInTheirOrder) {
  Side& c = client("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(servers[0]->take(), "GET /1 HTTP/1.1\r\nhost: h\r\n\r\n");
  servers[0]->send(kOk);
  settle();
  EXPECT_EQ(c.take(), kOkSent);
  EXPECT_EQ(servers[0]->take(), "GET /2 HTTP/1.1\r\nhost: h\r\n\r\n");
}

TEST_F(ClientConnectionTest, ReadsAHeadThatComesByteByByte) {
  Side& c = client();
  for (char byte : kGet) {
    c.send({&byte, 1});
    settle();
  }
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0]->got, "GET /a HTTP/1.1\r\nhost: h\r\n\r\n");
}

TEST_F(ClientConnectionTest, RefusesWhatIsNoRequest) {
  Side& c = client("G(T / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(begins(c.got, "HTTP/1.1 400 Bad request\r\n")) << c.got;
  EXPECT_TRUE(c.ended);
  EXPECT_TRUE(servers.empty());
}

TEST_F(ClientConnectionTest, RefusesAHeadThatFillsTheBuffer) {
  Side& c = client("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(20000, 'x'));
  EXPECT_TRUE(begins(c.got, "HTTP/1.1 400 ")) << c.got;
}

TEST_F(ClientConnectionTest, TellsASilentClientSo) {
  load(pair_of(" timeout http-request 20ms\n", ""));
  Side& c = client("GET / HT");
  ASSERT_TRUE(until([&] { return c.ended; }));
  EXPECT_TRUE(begins(c.got, "HTTP/1.1 408 Request Time-out\r\n")) << c.got;
}

TEST_F(ClientConnectionTest, ClosesAnIdleClientWithoutAWord) {
  load(pair_of(" timeout http-keep-alive 20ms\n", ""));
  Side& c = client(kGet);
  servers[0]->send(kOk);
  ASSERT_TRUE(until([&] { return c.ended; }));
  EXPECT_EQ(c.got, kOkSent);
}

TEST_F(ClientConnectionTest, SaysNothingToAClientThatSaysNothing) {
  Side& c = client();
  c.shut();
  settle();
  EXPECT_TRUE(c.ended);
  EXPECT_EQ(worker_->connections(), 0u);
}

TEST_F(ClientConnectionTest, RejectsByTheRulesOfConnectionsAndSessions) {
  for (const char* rule : {" tcp-request connection reject\n", " tcp-request session reject\n"}) {
    load(pair_of(rule, ""));
    Side& c = client();
    settle();
    EXPECT_TRUE(c.ended) << rule;
    EXPECT_EQ(c.got, "") << rule;
    EXPECT_TRUE(servers.empty()) << rule;
  }
}

TEST_F(ClientConnectionTest, TakesTheAddressesOfAProxyHeader) {
  load(
      "frontend fe\n bind :8080 accept-proxy\n option forwardfor\n default_backend be\nbackend be\n server s1 "
      "127.0.0.1:81\n");
  Side& c = client("PROXY TCP4 203.0.113.9 198.51.100.7 1 2\r\n");
  c.send(kGet);
  settle();
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_TRUE(has(servers[0]->got, "\r\nx-forwarded-for: 203.0.113.9\r\n")) << servers[0]->got;
  Side& bad = client("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(bad.ended);
  EXPECT_EQ(bad.got, "");
}

TEST_F(ClientConnectionTest, AnAnswerOutlivesABodyThatNobodyReads) {
  load(pair_of(" http-request deny if { path /no }\n", ""));
  Side& c = client("POST /no HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + std::string(10000, 'x'));
  EXPECT_TRUE(begins(c.got, "HTTP/1.1 403 Forbidden\r\n")) << c.got;
  EXPECT_TRUE(has(c.got, "\r\nconnection: close\r\n")) << c.got;
  c.send("more that is dropped");
  settle();
  c.close();
  settle();
  EXPECT_EQ(worker_->connections(), 0u);
}

TEST_F(ClientConnectionTest, ASoftStopSendsAwayOnlyWhoIsBetweenTwoRequests) {
  Side& idle = client(kGet);
  servers[0]->send(kOk);
  settle();
  Side& busy = client(kGet);
  settle();
  worker_->stop(false);
  settle();
  EXPECT_TRUE(idle.ended);
  EXPECT_FALSE(busy.ended);
  servers.back()->send(kOk);
  settle();
  EXPECT_TRUE(begins(busy.got, "HTTP/1.1 200 OK\r\n")) << busy.got;
  EXPECT_TRUE(busy.ended);
}

}  // namespace
}  // namespace lbd::stream
