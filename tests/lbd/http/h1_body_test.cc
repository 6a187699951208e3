#include "lbd/http/h1_body.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::http {
namespace {

// Feeds the bytes in pieces of `step`; gives the payload, then what ended it.
std::string read(std::string_view bytes, BodyKind kind, uint64_t length, size_t step) {
  H1Body body;
  body.start(kind, length);
  std::string payload;
  size_t begin = 0, have = 0;
  while (true) {
    H1Body::Step got = body.feed(bytes.substr(begin, have - begin));
    switch (got.kind) {
      case H1Body::Kind::need_more:
        if (have == bytes.size()) return payload + (body.on_close() ? "|closed" : "|cut");
        have = std::min(have + step, bytes.size());
        break;
      case H1Body::Kind::data:
        payload += bytes.substr(begin, got.bytes);
        begin += got.bytes;
        break;
      case H1Body::Kind::framing:
        begin += got.bytes;
        break;
      case H1Body::Kind::trailers:
        payload += "|trailers:" + std::string(bytes.substr(begin, got.bytes));
        begin += got.bytes;
        break;
      case H1Body::Kind::end:
        return payload + "|end, left " + std::to_string(bytes.size() - begin);
      case H1Body::Kind::error:
        return "error";
    }
  }
}

void expect(std::string_view bytes, BodyKind kind, uint64_t length, std::string_view result) {
  for (size_t step : {bytes.size() + 1, size_t{1}, size_t{3}})
    EXPECT_EQ(read(bytes, kind, length, step), result) << bytes << " in pieces of " << step;
}

TEST(H1Body, Length) {
  expect("hello", BodyKind::length, 5, "hello|end, left 0");
  expect("hello, more", BodyKind::length, 5, "hello|end, left 6");
  expect("hell", BodyKind::length, 5, "hell|cut");
  expect("x", BodyKind::none, 0, "|end, left 1");
  expect("", BodyKind::length, 0, "|end, left 0");
}

TEST(H1Body, UntilClose) {
  expect("hello", BodyKind::until_close, 0, "hello|closed");
}

TEST(H1Body, Chunked) {
  expect("3\r\nabc\r\n0\r\n\r\n", BodyKind::chunked, 0, "abc|trailers:\r\n|end, left 0");
  expect("3\nabc\n0\n\n", BodyKind::chunked, 0, "abc|trailers:\n|end, left 0");
  expect("00000000000000000003;a=b;c=\"d\"\r\nabc\r\nA \r\n0123456789\r\n0\r\nX-T: 1\r\n\r\nGET", BodyKind::chunked, 0,
         "abc0123456789|trailers:X-T: 1\r\n\r\n|end, left 3");
  expect("3\r\nab", BodyKind::chunked, 0, "ab|cut");
  expect("0\r\n", BodyKind::chunked, 0, "|cut");
}

// All of these make HAProxy 2.6 answer 502 (400 in a request), but for the NUL in an extension.
TEST(H1Body, BadChunks) {
  using namespace std::string_view_literals;
  const std::string_view all[] = {"zz\r\n",
                                  " 3\r\nabc\r\n0\r\n\r\n",
                                  "\r\n3\r\nabc\r\n0\r\n\r\n",
                                  "0x3\r\nabc\r\n",
                                  "3\rabc\r\n",
                                  "3\r\nabcX\r\n",
                                  "3\r\nabc\rX\n",
                                  "-1\r\n",
                                  "fffffffffffffffff\r\n",
                                  "ffffffffffffffff\r\n",
                                  ";a\r\n",
                                  "3;\0\r\nabc\r\n"sv};
  for (std::string_view bad : all) expect(bad, BodyKind::chunked, 0, "error");
  expect("3;" + std::string(20000, 'x') + "\r\nabc\r\n0\r\n\r\n", BodyKind::chunked, 0, "error");
}

TEST(H1Body, Splice) {
  H1Body body;
  body.start(BodyKind::chunked, 0);
  EXPECT_EQ(body.contiguous(), 0u);
  EXPECT_EQ(body.feed("64\r\n").bytes, 4u);
  EXPECT_EQ(body.contiguous(), 100u);
  body.skip(40);
  EXPECT_EQ(body.contiguous(), 60u);
  body.skip(60);
  EXPECT_EQ(body.contiguous(), 0u);
  EXPECT_EQ(body.feed("\r\n0\r\n").kind, H1Body::Kind::framing);
  EXPECT_EQ(body.feed("\r\n").kind, H1Body::Kind::trailers);
  EXPECT_TRUE(body.done());

  body.start(BodyKind::tunnel, 0);
  EXPECT_EQ(body.contiguous(), ~uint64_t{0});
  body.skip(1000);
  EXPECT_EQ(body.contiguous(), ~uint64_t{0});
}

}  // namespace
}  // namespace lbd::http
