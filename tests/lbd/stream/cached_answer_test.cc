// Answers from a cache, through rules and both codecs, to clients of every kind.
#include "lbd/stream/cached_answer.h"

#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

constexpr std::string_view kKept = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nfirst";

class CachedAnswerTest : public StreamTest {
 protected:
  CachedAnswerTest() { with(); }
  void with(const std::string& before = "", const std::string& after = "", const std::string& front = "") {
    load(pair_of(front, before + " http-request cache-use c\n http-response cache-store c\n" + after) +
         "cache c\n total-max-size 4\n max-object-size 1000000\n");
  }
  cache::Cache& cache() { return *engine_->caches.all()[0]; }
  // A client asks, the server says this, and the client leaves; what it got.
  std::string fill(std::string_view answer = kKept, std::string_view request = kGet) {
    Side& c = client(request);
    if (servers.empty()) return c.take();
    servers.back()->send(answer);
    settle();
    std::string got = c.take();
    leave();
    return got;
  }
  // Without a server.
  std::string again(std::string_view request = kGet) {
    Side& c = client(request);
    EXPECT_TRUE(servers.empty()) << "a server was asked";
    return c.take();
  }
};

TEST_F(CachedAnswerTest, IsGivenAgain) {
  EXPECT_TRUE(fill().ends_with("\r\n\r\nfirst"));
  EXPECT_EQ(again(), "HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\ncontent-length: 5\r\nage: 0\r\n\r\nfirst");
  server::Counters& counted = counters(engine_->objects().find_backend("be")->slot());
  EXPECT_EQ(counted.cache_lookups.get(), 2u);
  EXPECT_EQ(counted.cache_hits.get(), 1u);
  EXPECT_EQ(engine_->objects().find_backend("be")->streams.load(), 0u);
}

TEST_F(CachedAnswerTest, OneAfterTheOtherOnAConnection) {
  fill();
  Side& c = client(kGet);
  EXPECT_TRUE(c.take().ends_with("first"));
  c.send(std::string(kGet) + std::string(kGet));
  settle();
  const std::string got = c.take();
  EXPECT_EQ(got.find("first", got.find("first") + 1) + 5, got.size()) << "and nothing behind the second";
  EXPECT_FALSE(c.ended);
  EXPECT_TRUE(servers.empty());
}

TEST_F(CachedAnswerTest, OnlyWhole) {
  Side& c = client(kGet);
  servers[0]->send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nfir");
  settle();
  EXPECT_TRUE(c.take().ends_with("fir"));
  servers[0]->close();
  settle();
  EXPECT_TRUE(c.ended);
  EXPECT_EQ(cache().used(), 0u);
  servers.clear();
  fill();
  EXPECT_TRUE(again().ends_with("first"));
}

TEST_F(CachedAnswerTest, ThoughItsFirstClientLeaves) {
  Side& c = client(kGet);
  servers[0]->send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nfir");
  settle();
  c.close();
  settle();
  leave();
  EXPECT_EQ(cache().used(), 0u) << "nobody receives the rest";
}

TEST_F(CachedAnswerTest, InChunks) {
  fill("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  const std::string got = again();
  EXPECT_TRUE(got.ends_with("\r\nage: 0\r\n\r\n5\r\nabcde\r\n0\r\n\r\n")) << got;
  EXPECT_TRUE(again("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("\r\nage: 0\r\n\r\n"));
}

TEST_F(CachedAnswerTest, NotWhenItHasNotChanged) {
  fill("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 5\r\n\r\nfirst");
  const std::string got = again("GET /a HTTP/1.1\r\nHost: h\r\nIf-None-Match: \"e\"\r\n\r\n");
  EXPECT_TRUE(begins(got, "HTTP/1.1 304 Not Modified\r\n") && got.ends_with("\r\n\r\n")) << got;
}

TEST_F(CachedAnswerTest, RulesSeeIt) {
  with("", " http-response set-header X-Hit %[res.cache_hit]%[res.cache_name]\n",
       " http-response deny if { res.hdr(x-no) 1 }\n");
  EXPECT_TRUE(has(fill(), "\r\nx-hit: 0\r\n"));
  EXPECT_TRUE(has(again(), "\r\nx-hit: 1c\r\n"));
  with("", "", " http-response deny if { res.hdr(age) -m found }\n");
  EXPECT_TRUE(begins(fill(), "HTTP/1.1 200 "));
  EXPECT_TRUE(begins(again(), "HTTP/1.1 502 "));
  with("", " http-response wait-for-body time 1s\n");
  EXPECT_TRUE(fill().ends_with("first"));
  EXPECT_TRUE(again().ends_with("first"));
}

TEST_F(CachedAnswerTest, InAFrontend) {
  load(pair_of(" http-request cache-use c\n http-response cache-store c\n", "") + "cache c\n total-max-size 4\n");
  fill();
  EXPECT_TRUE(again().ends_with("first"));
  EXPECT_EQ(counters(engine_->sites()[0].frontend->slot()).cache_hits.get(), 1u);
  EXPECT_TRUE(again("GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc").ends_with("first")) << "with a body";
}

TEST_F(CachedAnswerTest, ASlowReaderHoldsNoMoreThanABuffer) {
  const std::string body(800'000, 'x');
  Side& first = client(kGet);
  const std::string answer = "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 800000\r\n\r\n" + body;
  for (size_t sent = 0; sent < answer.size(); sent += 50'000) {
    servers[0]->send(answer.substr(sent, 50'000));
    settle();
  }
  ASSERT_TRUE(first.take().ends_with(body));
  leave();
  Side& slow = client();
  slow.deaf = true;
  slow.send(kGet);
  settle();
  EXPECT_EQ(cache().used() > 800'000, true);
  cache().forget("h/a");
  EXPECT_GT(cache().used(), 800'000u) << "it is still being sent";
  slow.deaf = false;
  settle();
  EXPECT_TRUE(slow.take().ends_with("\r\n\r\n" + body));
  leave();
  EXPECT_EQ(cache().used(), 0u);
}

TEST_F(CachedAnswerTest, ChangesForgetIt) {
  fill();
  fill("HTTP/1.1 204 No Content\r\n\r\n", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(cache().used(), 0u);
}

}  // namespace
}  // namespace lbd::stream
