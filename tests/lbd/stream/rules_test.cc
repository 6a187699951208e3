// What rules ask of a stream: to wait, to say something before the answer, to look at what a server sends, to go on in
// another mode.
#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

class StreamRulesTest : public StreamTest {
 protected:
  static constexpr const char* kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nthe ";
};

TEST_F(StreamRulesTest, ARequestWaitsForItsBody) {
  load(pair_of(" http-request wait-for-body time 5s\n http-request set-header X-Body %[req.body]\n", ""));
  Side& c = client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nab");
  EXPECT_EQ(c.take(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(servers.empty());
  c.send("cd");
  settle();
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_NE(servers[0]->got.find("x-body: abcd\r\n"), std::string::npos) << servers[0]->got;
  EXPECT_TRUE(servers[0]->got.ends_with("\r\n\r\nabcd"));
}

TEST_F(StreamRulesTest, ABodyThatDoesNotComeIsATimeout) {
  load(pair_of(" http-request wait-for-body time 20ms\n", ""));
  Side& c = client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  ASSERT_TRUE(until([&] { return c.ended; }));
  EXPECT_TRUE(c.got.starts_with("HTTP/1.1 408 ")) << c.got;
  EXPECT_TRUE(servers.empty());
}

TEST_F(StreamRulesTest, AnAnswerWaitsForItsBody) {
  load(pair_of("", " http-response wait-for-body time 5s\n http-response set-header X-Body %[res.body]\n"));
  Side& c = client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  servers[0]->send(kAnswer);
  settle();
  EXPECT_EQ(c.got, "");
  servers[0]->send("body");
  settle();
  EXPECT_NE(c.got.find("x-body: the body\r\n"), std::string::npos) << c.got;
  EXPECT_TRUE(c.got.ends_with("\r\n\r\nthe body"));
  c.take();
  c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  settle();
  servers[0]->send("HTTP/1.1 204 No Content\r\n\r\n");
  settle();
  EXPECT_TRUE(c.got.starts_with("HTTP/1.1 204")) << "the connection goes on";
}

TEST_F(StreamRulesTest, Pauses) {
  load(pair_of(" http-request pause 20ms\n", " http-response pause 20ms\n"));
  Side& c = client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(servers.empty());
  ASSERT_TRUE(until([&] { return servers.size() == 1; }));
  servers[0]->send(std::string(kAnswer) + "body");
  settle();
  EXPECT_EQ(c.got, "");
  ASSERT_TRUE(until([&] { return c.got.ends_with("the body"); }));
}

TEST_F(StreamRulesTest, HintsGoBeforeTheAnswer) {
  load(pair_of(" http-request early-hint Link </a.css>\n http-request return status 204\n", ""));
  EXPECT_TRUE(client("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                  .got.starts_with("HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 204 "));
  EXPECT_TRUE(client("GET / HTTP/1.0\r\n\r\n").got.starts_with("HTTP/1.1 204 "));
}

TEST_F(StreamRulesTest, AnAnswerThatLosesItsBody) {
  load(pair_of("", " http-response set-status 204\n"));
  Side& c = client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  servers[0]->send(std::string(kAnswer) + "body");
  settle();
  EXPECT_EQ(c.take(), "HTTP/1.1 204 No Content\r\n\r\n");
  c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  settle();
  EXPECT_EQ(servers.size(), 2u) << "the first connection still has the body";
}

TEST_F(StreamRulesTest, ServersOfModeTcpAreLookedAt) {
  const std::string front = "frontend fe\n mode tcp\n bind :8080\n default_backend be\nbackend be\n mode tcp\n";
  load(front +
       " tcp-response inspect-delay 5s\n tcp-response content close if { res.payload(0,3) -m str 554 }\n"
       " tcp-response content reject if { res.payload(0,3) -m str 999 }\n server s1 127.0.0.1:81\n");
  Side& good = client();
  settle();
  servers[0]->send("22");
  settle();
  EXPECT_EQ(good.got, "");
  servers[0]->send("0 hello");
  settle();
  EXPECT_EQ(good.got, "220 hello");
  Side& left = client();
  settle();
  servers[1]->send("554 no");
  settle();
  EXPECT_EQ(left.got, "554 no");
  EXPECT_TRUE(left.ended && servers[1]->ended);
  Side& turned_away = client();
  settle();
  servers[2]->send("999 no");
  settle();
  EXPECT_EQ(turned_away.got, "");
  EXPECT_TRUE(turned_away.ended);
}

TEST_F(StreamRulesTest, AConnectionGoesOnInModeHttp) {
  load(
      "frontend fe\n mode tcp\n bind :8080\n tcp-request inspect-delay 5s\n"
      " tcp-request content switch-mode http if HTTP\n tcp-request content reject\n"
      " http-request set-header X-Path %[path]\n default_backend be\nbackend be\n server s1 127.0.0.1:81\n");
  Side& c = client("GET /a HTTP/1.1\r\n");
  EXPECT_TRUE(servers.empty());
  c.send("Host: a\r\n\r\n");
  settle();
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0]->take(), "GET /a HTTP/1.1\r\nhost: a\r\nx-path: /a\r\n\r\n");
  servers[0]->send(std::string(kAnswer) + "body");
  settle();
  EXPECT_TRUE(c.take().ends_with("the body"));
  c.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  settle();
  EXPECT_NE(servers[0]->got.find("x-path: /b\r\n"), std::string::npos);
  EXPECT_TRUE(client("SSH-2.0-x\r\n").ended);
  EXPECT_EQ(servers.size(), 1u);
}

}  // namespace
}  // namespace lbd::stream
