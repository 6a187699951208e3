#include <cstdio>

#include "lbd/stream/http_stream.h"
#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

class HttpResponseTest : public StreamTest {
 protected:
  // What the client gets when the server answers this and then leaves.
  std::string answered(std::string_view response, std::string_view request = kGet) {
    load(config_);
    Side& c = client(request);
    servers.back()->take();
    servers.back()->send(response);
    settle();
    servers.back()->close();
    settle();
    ended_ = c.ended;
    return c.take();
  }
  std::string config_;
  bool ended_ = false;
};

TEST_F(HttpResponseTest, AnAnswerWithoutLengthEndsWithTheConnection) {
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\n\r\nall of it"), "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it");
  EXPECT_TRUE(ended_);
}

TEST_F(HttpResponseTest, ChunksForAnOldClientAreUnwrapped) {
  std::string_view chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  EXPECT_EQ(answered(chunks, "GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc");
  EXPECT_TRUE(ended_);
  EXPECT_EQ(answered(chunks), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_FALSE(ended_);
}

TEST_F(HttpResponseTest, AnswersWithoutBody) {
  EXPECT_EQ(answered("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"),
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n");
  EXPECT_FALSE(ended_);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"),
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n");
  EXPECT_FALSE(ended_);
}

TEST_F(HttpResponseTest, InformationalAnswersComeFirst) {
  std::string both = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + std::string(kOk);
  EXPECT_EQ(answered(both), "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + std::string(kOkSent));
  EXPECT_EQ(answered(both, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok");
}

TEST_F(HttpResponseTest, AServerThatLeavesWithoutAnAnswer) {
  EXPECT_TRUE(begins(answered(""), "HTTP/1.1 502 Bad Gateway\r\n"));
  EXPECT_TRUE(begins(answered("HTTP/1.1 200 OK\r\nContent-Le"), "HTTP/1.1 502 Bad Gateway\r\n"));
  EXPECT_TRUE(begins(answered("nonsense\r\n\r\n"), "HTTP/1.1 502 Bad Gateway\r\n"));
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc");
  EXPECT_TRUE(ended_);
}

TEST_F(HttpResponseTest, ASilentServer) {
  load(pair_of("", " timeout server 20ms\n"));
  Side& c = client(kGet);
  ASSERT_TRUE(until([&] { return !c.got.empty(); }));
  EXPECT_TRUE(begins(c.got, "HTTP/1.1 504 Gateway Time-out\r\n")) << c.got;
  EXPECT_TRUE(servers[0]->ended);
}

TEST_F(HttpResponseTest, AnUpgradeIsATunnel) {
  Side& c = client(
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  ASSERT_EQ(servers.size(), 1u) << c.got;
  EXPECT_TRUE(has(servers[0]->take(), "\r\nupgrade: websocket\r\n"));
  servers[0]->send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
      "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfrom the server");
  settle();
  EXPECT_TRUE(c.take().ends_with("\r\n\r\nfrom the server"));
  c.send("\x81\x05hello");
  settle();
  EXPECT_EQ(servers[0]->take(), "\x81\x05hello");
  servers[0]->close();
  settle();
  EXPECT_TRUE(c.ended);
}

TEST_F(HttpResponseTest, WhatItCosts) {
  for (const bool measured : {false, true}) {
    config_ = (measured ? "global\n profiling.tasks on\n" : "") +
              pair_of("", " http-response set-header X-Cost \"%[cpu_calls] %[cpu_ns_tot]\"\n");
    const std::string told = answered(kOk);
    const size_t at = told.find("x-cost: ");
    ASSERT_NE(at, std::string::npos) << told;
    unsigned long calls = 0, cost = 0;
    ASSERT_EQ(std::sscanf(told.c_str() + at, "x-cost: %lu %lu", &calls, &cost), 2);
    EXPECT_GE(calls, 2u) << "one for the request, one for the answer";
    EXPECT_LE(calls, 4u) << "and for the connection to the server";
    EXPECT_EQ(cost > 0, measured);
  }
}

// Nobody would read what the client goes on to say, nor tell that it is gone.
TEST_F(HttpResponseTest, ATunnelIsOverWhenTheServerEndsIt) {
  Side& c = client("GET /w HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
  ASSERT_EQ(servers.size(), 1u) << c.got;
  servers[0]->send("HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nlast");
  servers[0]->close();
  c.send("more");
  settle();
  EXPECT_TRUE(c.take().ends_with("\r\n\r\nlast"));
  EXPECT_TRUE(c.ended);
  c.close();
  settle();
  EXPECT_EQ(worker_->connections(), 0u);
}

TEST_F(HttpResponseTest, AnUpgradeThatNobodyAskedForIsNone) {
  EXPECT_TRUE(begins(answered("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "HTTP/1.1 502 "));
}

TEST_F(HttpResponseTest, RulesOfBackendThenFrontendThenOfEveryAnswer) {
  config_ = pair_of(" http-response add-header X-Way front\n http-after-response set-header X-Last %[status]\n",
                    " http-response add-header X-Way back\n http-response deny if { status 500 }\n");
  std::string told = answered(kOk);
  EXPECT_TRUE(has(told, "x-way: back\r\nx-way: front\r\n")) << told;
  EXPECT_TRUE(has(told, "x-last: 200\r\n")) << told;
  told = answered("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(begins(told, "HTTP/1.1 502 ")) << told;
  EXPECT_TRUE(has(told, "x-last: 502\r\n")) << told;
}

TEST_F(HttpResponseTest, CacheableCookiesStay) {
  config_ = pair_of("", " option checkcache\n");
  EXPECT_TRUE(
      begins(answered("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nETag: x\r\nContent-Length: 0\r\n\r\n"), "HTTP/1.1 502 "));
  EXPECT_TRUE(begins(
      answered("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nETag: x\r\nCache-Control: no-cache\r\nContent-Length: 0\r\n\r\n"),
      "HTTP/1.1 200 "));
}

TEST_F(HttpResponseTest, AnAnswerBeforeTheBodyHasCome) {
  Side& c = client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
  servers[0]->send(kOk);
  settle();
  EXPECT_EQ(c.take(), kOkSent);
  c.send("def");
  settle();
  EXPECT_TRUE(servers[0]->take().ends_with("abcdef"));
  c.send(kGet);
  settle();
  EXPECT_EQ(servers.back()->take(), "GET /a HTTP/1.1\r\nhost: h\r\n\r\n");
}

}  // namespace
}  // namespace lbd::stream
