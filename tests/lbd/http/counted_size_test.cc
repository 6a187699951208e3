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

}  // namespace
}  // namespace lbd::http
