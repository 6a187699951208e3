#include "lbd/http/reply.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::http {
namespace {

TEST(Reply, DefaultErrors) {
  for (int status : {200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503, 504})
    ASSERT_NE(default_error(status), nullptr) << status;
  EXPECT_EQ(default_error(418), nullptr);
  const StoredReply* page = default_error(503);
  EXPECT_EQ(page->reason, "Service Unavailable");
  EXPECT_EQ(page->body,
            "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n"
            "</body></html>\n");
  // The lengths that HAProxy announces for them.
  EXPECT_EQ(page->body.size(), 107u);
  EXPECT_EQ(default_error(200)->body.size(), 58u);
  EXPECT_EQ(default_error(400)->body.size(), 90u);
  EXPECT_EQ(default_error(405)->body.size(), 146u);
  EXPECT_EQ(default_error(407)->body.size(), 112u);
  EXPECT_EQ(default_error(408)->body.size(), 110u);
  EXPECT_EQ(default_error(422)->body.size(), 116u);
  EXPECT_EQ(default_error(501)->body.size(), 136u);
}

TEST(Reply, MakeViewsTheStoredOne) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  Reply reply = default_error(404)->make(arena);
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.reason, "Not Found");
  EXPECT_EQ(reply.headers.find("content-type")->value, "text/html");
  EXPECT_EQ(reply.headers.find(Token::cache_control)->value, "no-cache");
  EXPECT_EQ(reply.body.data(), default_error(404)->body.data());
}

std::string error_of(std::string content, size_t bufsize = 16384) {
  auto reply = parse_error_file(std::move(content), 503, bufsize);
  return reply ? "none" : reply.error().text;
}

TEST(Reply, ErrorFile) {
  auto reply = parse_error_file(
      "HTTP/1.0 503 Service Unavailable\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Length: 9\r\n"
      "Content-Type: text/html\r\n\r\n<b>x</b>\n",
      503, 16384);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->reason, "Service Unavailable");
  ASSERT_EQ(reply->headers.size(), 3u);
  EXPECT_EQ(reply->headers[2].first, "content-type");
  EXPECT_EQ(reply->body, "<b>x</b>\n");

  reply = parse_error_file("HTTP/1.1 404 N\nX: y\n\n", 503, 16384);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404);
  EXPECT_EQ(reply->body, "");

  reply = parse_error_file("", 503, 16384);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 0);
}

TEST(Reply, BadErrorFiles) {
  EXPECT_EQ(error_of("<html>"), "unable to parse headers: invalid or unsupported version (error offset: 0)");
  EXPECT_EQ(error_of("HTTP/1.1 503 S\r\nX y\r\n\r\n"),
            "unable to parse headers: invalid field name (error offset: 17)");
  EXPECT_EQ(error_of("HTTP/1.1 503 S\r\nX: y\r\n"), "unable to parse headers: the empty line behind them is missing");
  EXPECT_EQ(error_of("HTTP/1.1 503 S\r\nContent-Length: 3\r\n\r\nabcd"),
            "payload size does not match the announced content-length (4 != 3)");
  EXPECT_EQ(error_of("HTTP/1.1 503 S\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "chunk-encoded payload not supported");
  EXPECT_EQ(error_of("HTTP/1.1 100 C\r\n\r\n"), "a 100 is no final response and cannot stand for 503");
  EXPECT_EQ(error_of("HTTP/1.1 503 S\r\n\r\nabcdef", 20), "larger than tune.bufsize (24 > 20 bytes)");
}

}  // namespace
}  // namespace lbd::http
