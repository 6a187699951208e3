#include "lbd/compression/compressor.h"

#include <gtest/gtest.h>

namespace lbd::compression {
namespace {

using enum config::Compression::Algorithm;

class CompressorTest : public testing::Test {
 protected:
  // What a client makes of it; `flushed`: without the end.
  static std::string decoded(const std::string& bytes, int window, bool flushed = false) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, window), Z_OK);
    std::string text(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(inflate(&stream, Z_SYNC_FLUSH), flushed ? Z_OK : Z_STREAM_END);
    text.resize(text.size() - stream.avail_out);
    inflateEnd(&stream);
    return text;
  }
  std::unique_ptr<Compressor> make(Algorithm algorithm) { return Compressor::make(algorithm, {}, meter_, now_); }
  std::string add(Compressor& compressor, std::string_view text) {
    base::Buffer piece;
    piece.append(pool_, text);
    compressor.add(piece, pool_, now_);
    return piece.to_string();
  }
  std::string rest(Compressor& compressor, bool end) {
    base::Buffer out;
    end ? compressor.finish(out, pool_, now_) : compressor.flush(out, pool_, now_);
    return out.to_string();
  }
  static std::string text(size_t size) {
    std::string text;
    for (size_t i = 0; text.size() < size; ++i) text += "line " + std::to_string(i * i) + "\n";
    return text;
  }

  base::ChunkPool pool_{16384};
  base::MonoTime now_ = base::mono_now();
  Meter meter_{Limits{}};
};

TEST_F(CompressorTest, EveryFormatComesBackWhole) {
  const std::string whole = text(300'000);
  for (const auto& [algorithm, window] :
       {std::pair(gzip, 15 + 16), std::pair(deflate, 15), std::pair(raw_deflate, -15)}) {
    auto compressor = make(algorithm);
    std::string made;
    for (size_t at = 0; at < whole.size(); at += 7000)
      made += add(*compressor, std::string_view(whole).substr(at, 7000));
    made += rest(*compressor, true);
    EXPECT_EQ(decoded(made, window), whole);
    EXPECT_EQ(compressor->bytes_in(), whole.size());
    EXPECT_EQ(compressor->bytes_out(), made.size());
    EXPECT_LT(made.size(), whole.size() / 2);
  }
}

TEST_F(CompressorTest, WhatIsFlushedCanBeRead) {
  auto compressor = make(gzip);
  std::string made = add(*compressor, "half a line");
  made += rest(*compressor, false);
  EXPECT_EQ(decoded(made, 15 + 16, true), "half a line");
  EXPECT_EQ(rest(*compressor, false), "") << "nothing new, nothing more";
}

TEST_F(CompressorTest, MemoryIsLimitedAndGivenBack) {
  Meter narrow(Limits{.memory = 400 << 10});
  auto first = Compressor::make(gzip, {}, narrow, now_);
  ASSERT_TRUE(first);
  EXPECT_FALSE(Compressor::make(gzip, {}, narrow, now_));
  first.reset();
  EXPECT_TRUE(Compressor::make(gzip, {}, narrow, now_));
}

TEST_F(CompressorTest, WhatIsTooMuchInASecondIsOnlyWrapped) {
  Meter slow(Limits{.kilobytes_a_second = 100});
  auto compressor = Compressor::make(gzip, {}, slow, now_);
  ASSERT_TRUE(compressor);
  const std::string whole = text(400'000);
  std::string made;
  for (size_t at = 0; at < whole.size(); at += 10'000)
    made += add(*compressor, std::string_view(whole).substr(at, 10'000));
  made += rest(*compressor, true);
  EXPECT_EQ(decoded(made, 15 + 16), whole);
  EXPECT_GT(made.size(), size_t{250'000}) << "three quarters went as they were";
  EXPECT_FALSE(Compressor::make(gzip, {}, slow, now_)) << "and no other begins";
  now_ += base::Seconds(3);
  EXPECT_TRUE(Compressor::make(gzip, {}, slow, now_));
}

}  // namespace
}  // namespace lbd::compression
