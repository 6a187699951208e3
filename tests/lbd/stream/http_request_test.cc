#include "lbd/stream/http_stream.h"
#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

class HttpRequestTest : public StreamTest {
 protected:
  // What the server gets of this request.
  std::string sent(const std::string& config, std::string_view request) {
    load(config);
    client(request);
    return servers.empty() ? "" : servers[0]->take();
  }
};

TEST_F(HttpRequestTest, BodiesArriveInTheFramingTheyCameWith) {
  EXPECT_EQ(sent("", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"),
            "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc");
  EXPECT_EQ(
      sent(
          "",
          "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n2\r\nbc\r\n0\r\nT: v\r\n\r\n"),
      "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nt: v\r\n\r\n");
}

TEST_F(HttpRequestTest, ABodyThatIsCutNeverLooksComplete) {
  Side& c = client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  c.shut();
  settle();
  EXPECT_TRUE(servers[0]->ended);
  EXPECT_TRUE(c.ended);
  EXPECT_FALSE(has(c.got, "200"));
}

TEST_F(HttpRequestTest, BadFramingBehindTheHeadIsRefusedBeforeAServerIsBothered) {
  Side& c = client("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  EXPECT_TRUE(begins(c.got, "HTTP/1.1 400 ")) << c.got;
  EXPECT_TRUE(servers.empty());
}

// As HAProxy does: what Connection says of keeping the connection is ours, other options pass.
TEST_F(HttpRequestTest, WhatIsSaidOfOurConnectionStaysHere) {
  EXPECT_EQ(sent("", "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n\r\n"),
            "GET / HTTP/1.1\r\nhost: h\r\nconnection: X-Hop\r\nx-hop: 1\r\n\r\n");
  EXPECT_EQ(sent("", "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
}

TEST_F(HttpRequestTest, ForwardforAndItsExceptions) {
  EXPECT_TRUE(has(sent(pair_of(" option forwardfor\n", ""), kGet), "\r\nx-forwarded-for: 192.0.2.1\r\n"));
  EXPECT_FALSE(has(sent(pair_of(" option forwardfor except 192.0.2.0/24\n", ""), kGet), "x-forwarded-for"));
  EXPECT_TRUE(has(sent(pair_of(" option forwardfor header X-Client\n", ""), kGet), "\r\nx-client: 192.0.2.1\r\n"));
  std::string with = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n";
  EXPECT_FALSE(has(sent(pair_of(" option forwardfor if-none\n", ""), with), "192.0.2.1"));
}

TEST_F(HttpRequestTest, ServerCloseAsksTheServerToClose) {
  EXPECT_TRUE(has(sent(pair_of(" option http-server-close\n", ""), kGet), "\r\nconnection: close\r\n"));
  EXPECT_FALSE(
      has(sent(pair_of(" option http-server-close\n", " option http-pretend-keepalive\n"), kGet), "connection"));
}

TEST_F(HttpRequestTest, BufferRequestWaitsForTheBody) {
  load(pair_of(" option http-buffer-request\n", ""));
  Side& c = client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nab");
  EXPECT_TRUE(servers.empty());
  EXPECT_EQ(c.take(), "HTTP/1.1 100 Continue\r\n\r\n");
  c.send("cd");
  settle();
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0]->got, "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nabcd");
}

TEST_F(HttpRequestTest, MonitorUri) {
  load(pair_of(" monitor-uri /alive\n monitor fail if { nbsrv(be) lt 1 }\n", "", " server s1 127.0.0.1:81 disabled\n"));
  EXPECT_TRUE(begins(client("GET /alive HTTP/1.1\r\nHost: h\r\n\r\n").got, "HTTP/1.1 503 "));
  load(pair_of(" monitor-uri /alive\n", ""));
  EXPECT_TRUE(begins(client("GET /alive HTTP/1.1\r\nHost: h\r\n\r\n").got, "HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(servers.empty());
}

TEST_F(HttpRequestTest, OddNamesOfFieldsAreRefusedOrTakenOut) {
  std::string odd = "GET / HTTP/1.1\r\nHost: h\r\nX_Odd: 1\r\n\r\n";
  EXPECT_EQ(sent(pair_of(" option http-restrict-req-hdr-names delete\n", ""), odd),
            "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
  load(pair_of(" option http-restrict-req-hdr-names reject\n", ""));
  EXPECT_TRUE(begins(client(odd).got, "HTTP/1.1 403 "));
}

TEST_F(HttpRequestTest, AServerMayOnlySayWhereToGo) {
  load(pair_of("", "", " server s1 127.0.0.1:81 redir http://mirror\n"));
  Side& c = client(kGet);
  EXPECT_TRUE(has(c.got, "\r\nlocation: http://mirror/a\r\n")) << c.got;
  EXPECT_TRUE(servers.empty());
}

TEST_F(HttpRequestTest, TarpitKeepsTheClientWaiting) {
  load(pair_of(" timeout tarpit 20ms\n http-request tarpit\n", ""));
  Side& c = client(kGet);
  EXPECT_EQ(c.got, "");
  ASSERT_TRUE(until([&] { return !c.got.empty(); }));
  EXPECT_TRUE(begins(c.got, "HTTP/1.1 500 ")) << c.got;
}

TEST_F(HttpRequestTest, SilentDropSaysNothing) {
  load(pair_of(" http-request silent-drop\n", ""));
  Side& c = client(kGet);
  EXPECT_TRUE(c.ended);
  EXPECT_EQ(c.got, "");
}

}  // namespace
}  // namespace lbd::stream
