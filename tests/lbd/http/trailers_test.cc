#include "lbd/http/trailers.h"

#include <gtest/gtest.h>

namespace lbd::http {
namespace {

TEST(Trailers, AreWrittenAnew) {
  EXPECT_EQ(forward_trailers("\r\n"), "\r\n");
  EXPECT_EQ(forward_trailers("\n"), "\r\n");
  EXPECT_EQ(forward_trailers("Grpc-Status:0\nX: a\r\n b\r\n\r\n"), "grpc-status: 0\r\nx: a   b\r\n\r\n");
  EXPECT_EQ(forward_trailers("Content-Length: 5\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n"), "x: y\r\n\r\n");
}

TEST(Trailers, MalformedOnesAreRefused) {
  EXPECT_FALSE(forward_trailers("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(forward_trailers("X : y\r\n\r\n"));
  EXPECT_FALSE(forward_trailers("X: a\rb\r\n\r\n"));
}

TEST(Trailers, BeginningsAreTold) {
  for (const char* good : {"", "X", "X:", "X: y", "X: y\r", "X: y\r\n", "X: y\r\n\r", "X: y\r\n Z", "X: y\r\n\r\n"})
    EXPECT_FALSE(malformed_trailers(good)) << good;
  for (const char* bad : {":", "X y", "X: y\rz", "X: y\r\n\rz", "X: y\r\n:::\r\n", "X: y\r\nGET / HTTP"})
    EXPECT_TRUE(malformed_trailers(bad)) << bad;
}

}  // namespace
}  // namespace lbd::http
