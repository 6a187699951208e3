#include "lbd/stream/tcp_stream.h"

#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

std::string tcp(const std::string& front = "", const std::string& back = "") {
  return "frontend fe\n mode tcp\n bind :8080\n" + front + " default_backend be\nbackend be\n mode tcp\n" + back +
         " server s1 127.0.0.1:81\n";
}

class TcpStreamTest : public StreamTest {
 protected:
  TcpStreamTest() : StreamTest(tcp()) {}
};

TEST_F(TcpStreamTest, BytesGoBothWaysAndEachSideEndsByItself) {
  Side& c = client("one");
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0]->take(), "one");
  c.shut();
  settle();
  EXPECT_TRUE(servers[0]->ended);
  EXPECT_FALSE(c.ended);
  servers[0]->send("two");
  settle();
  EXPECT_EQ(c.take(), "two");
  servers[0]->close();
  settle();
  EXPECT_TRUE(c.ended);
  EXPECT_EQ(worker_->connections(), 0u);
}

TEST_F(TcpStreamTest, TheServerMaySpeakFirst) {
  Side& c = client();
  settle();
  ASSERT_EQ(servers.size(), 1u);
  servers[0]->send("220 ready\r\n");
  settle();
  EXPECT_EQ(c.got, "220 ready\r\n");
}

TEST_F(TcpStreamTest, ContentRulesWaitForBytes) {
  load(
      tcp(" tcp-request inspect-delay 5s\n tcp-request content accept if { req.payload(0,3) -m str abc }\n"
          " tcp-request content reject if { req.len ge 3 }\n"));
  Side& c = client("ab");
  EXPECT_TRUE(servers.empty());
  c.send("cd");
  settle();
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0]->got, "abcd");
  Side& other = client("xyz");
  EXPECT_TRUE(other.ended);
  EXPECT_EQ(servers.size(), 1u);
}

TEST_F(TcpStreamTest, ContentRulesSeeARequestOnceItIsWhole) {
  load(
      tcp(" tcp-request inspect-delay 5s\n tcp-request content reject if { path /no }\n"
          " tcp-request content accept if { path -m found }\n"));
  Side& c = client();
  for (char byte : std::string_view("\r\nGET /yes HTTP/1.1\r\nHost: h\r\n\r\n")) {
    EXPECT_TRUE(servers.empty());
    c.send({&byte, 1});
    settle();
  }
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0]->got, "\r\nGET /yes HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client("GET /no HTTP/1.1\r\nHost: h\r\n\r\n").ended);
  EXPECT_EQ(servers.size(), 1u);
}

TEST_F(TcpStreamTest, InspectionHasAnEnd) {
  load(tcp(" tcp-request inspect-delay 20ms\n tcp-request content reject if { req.len 0 } WAIT_END\n"));
  Side& c = client();
  ASSERT_TRUE(until([&] { return c.ended; }));
  EXPECT_TRUE(servers.empty());
}

TEST_F(TcpStreamTest, ASlowReaderSlowsTheWriter) {
  Side& c = client();
  settle();
  servers[0]->deaf = true;
  std::string block(65536, 'x');
  size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    ssize_t n = ::send(c.fd.get(), block.data(), block.size(), MSG_NOSIGNAL);
    if (n > 0) taken += static_cast<size_t>(n);
    settle();
  }
  EXPECT_LT(taken, 4u << 20);  // the sockets' buffers and ours
  servers[0]->deaf = false;
  settle();
  EXPECT_EQ(servers[0]->got.size(), taken);
}

TEST_F(TcpStreamTest, SilenceEndsIt) {
  load(tcp(" timeout client 20ms\n"));
  Side& c = client("x");
  ASSERT_TRUE(until([&] { return c.ended; }));
  EXPECT_TRUE(servers[0]->ended);
}

TEST_F(TcpStreamTest, AHalfClosedClientHasAnotherTimeout) {
  load(tcp(" timeout client-fin 20ms\n timeout client 1h\n", " timeout server 1h\n"));
  Side& c = client("x");
  servers[0]->shut();
  settle();
  EXPECT_TRUE(c.ended);
  ASSERT_TRUE(until([&] { return worker_->connections() == 0; }));
}

TEST_F(TcpStreamTest, AHalfClosedTunnelKeepsItsTimeout) {
  load(tcp(" timeout client 1h\n", " timeout server 1h\n timeout tunnel 20ms\n"));
  Side& c = client("x");
  servers[0]->shut();
  settle();
  EXPECT_TRUE(c.ended);
  ASSERT_TRUE(until([&] { return worker_->connections() == 0; }));
}

}  // namespace
}  // namespace lbd::stream
