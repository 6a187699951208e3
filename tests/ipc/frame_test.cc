#include "ipc/frame.h"

#include <gtest/gtest.h>

namespace ipc {
namespace {

std::string frame(std::string_view payload) {
  std::string bytes;
  append_frame(bytes, payload);
  return bytes;
}

TEST(Frame, LengthIsBigEndian) {
  EXPECT_EQ(frame("abc"), std::string("\0\0\0\3abc", 7));
}

TEST(Frame, PayloadsComeOutHoweverTheBytesArrive) {
  std::string bytes = frame("one") + frame("") + frame(std::string(1000, 'x'));
  for (size_t step : {1u, 2u, 3u, 5u, 7u, 2000u}) {
    FrameDecoder decoder(1000);
    std::vector<std::string> got;
    for (size_t at = 0; at < bytes.size(); at += step) {
      decoder.feed(std::string_view(bytes).substr(at, step));
      for (;;) {
        auto payload = decoder.next();
        ASSERT_TRUE(payload);
        if (!*payload) break;
        got.emplace_back(**payload);
      }
    }
    EXPECT_EQ(got, (std::vector<std::string>{"one", "", std::string(1000, 'x')})) << "step " << step;
    EXPECT_EQ(decoder.buffered(), 0u);
  }
}

TEST(Frame, TooLongIsRefusedBeforeItArrives) {
  FrameDecoder decoder(1000);
  decoder.feed(std::string("\0\0\3\xe9", 4));
  EXPECT_FALSE(decoder.next());
  decoder.feed("more");
  EXPECT_FALSE(decoder.next());
}

TEST(Frame, TheLimitMayRise) {
  FrameDecoder decoder(3);
  decoder.set_limit(4);
  decoder.feed(frame("abcd"));
  EXPECT_EQ(decoder.next()->value(), "abcd");
}

}  // namespace
}  // namespace ipc
