#include "lbd/http/counted_size.h"

#include <gtest/gtest.h>

namespace lbd::http {
namespace {

// The numbers are those that HAProxy 2.6 gives for the same heads.
TEST(CountedSize, IsThatOfHaproxy) {
  base::BlockPool blocks{4096, 1};
  base::Arena arena{blocks};
  Head request(arena);
  request.method_text = "GET";
  request.target = "/";
  request.headers.add("host", "127.0.0.1:18080");
  request.headers.add("user-agent", "curl/7.88.1");
  request.headers.add("accept", "*/*");
  EXPECT_EQ(counted_request_size(request), 82u);
  request.headers.remove("accept");
  EXPECT_EQ(counted_request_size(request), 73u);
  Head response(arena);
  response.status = 200;
  response.reason = "OK";
  response.headers.add("content-length", "2");
  EXPECT_EQ(counted_response_size(response), 49u);
}

TEST(CountedSize, OfWhatEndsBodies) {
  EXPECT_EQ(counted_trailers_size(""), 0u);
  EXPECT_EQ(counted_trailers_size("\r\n"), 1u);
  EXPECT_EQ(counted_trailers_size("x-t: v\r\n\r\n"), 5u);
  EXPECT_EQ(counted_trailers_size("x-t: v\r\ny: \r\n\r\n"), 6u);
}

TEST(CountedSize, OfBodies) {
  auto size = [](BodyKind kind, std::string_view bytes) {
    H1Body body;
    body.start(kind, 5);
    return counted_body_size(body, bytes);
  };
  EXPECT_EQ(size(BodyKind::none, "12345"), 0u);
  EXPECT_EQ(size(BodyKind::length, "123"), 3u);
  EXPECT_EQ(size(BodyKind::length, "12345more"), 5u);
  EXPECT_EQ(size(BodyKind::until_close, "12345more"), 9u);
  EXPECT_EQ(size(BodyKind::chunked, "3\r\nabc\r\n"), 3u);
  EXPECT_EQ(size(BodyKind::chunked, "3\r\nabc\r\n0\r\n"), 3u);
  EXPECT_EQ(size(BodyKind::chunked, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 6u);
  EXPECT_EQ(size(BodyKind::chunked, "3\r\nabc\r\n0\r\nX-T:  v\r\n\r\n"), 8u);
  EXPECT_EQ(size(BodyKind::chunked, "3\r\nabc\r\nxyz"), 3u);
}

}  // namespace
}  // namespace lbd::http
