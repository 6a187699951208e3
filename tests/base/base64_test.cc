#include "base/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

class Base64Test : public testing::Test {
 protected:
  std::string encode(std::string_view bytes, Base64 alphabet = Base64::standard) {
    return std::string(encode_base64(bytes, alphabet, arena_));
  }
  std::string decode(std::string_view text, Base64 alphabet = Base64::standard) {
    auto bytes = decode_base64(text, alphabet, arena_);
    return bytes ? std::string(*bytes) : "-";
  }
  BlockPool pool_{4096, 1};
  Arena arena_{pool_};
};

TEST_F(Base64Test, Encodes) {
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("\xff\xef\xfe"), "/+/+");
  EXPECT_EQ(encode("\xff\xef\xfe", Base64::url), "_-_-");
  EXPECT_EQ(encode("f", Base64::url), "Zg");
}

TEST_F(Base64Test, Decodes) {
  EXPECT_EQ(decode("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode("Zg=="), "f");
  EXPECT_EQ(decode("Zm8="), "fo");
  EXPECT_EQ(decode("Zg"), "-");
  EXPECT_EQ(decode("Zg", Base64::url), "f");
  EXPECT_EQ(decode("Zg==", Base64::url), "f");
  EXPECT_EQ(decode("_-_-", Base64::url), "\xff\xef\xfe");
  for (const char* bad : {"Z", "Z===", "Zg=a", "Z g=", "Zm9v!", "====", "_-_-"}) EXPECT_EQ(decode(bad), "-") << bad;
  EXPECT_EQ(decode("/+/+", Base64::url), "-");
}

TEST_F(Base64Test, ThereAndBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    for (Base64 alphabet : {Base64::standard, Base64::url}) EXPECT_EQ(decode(encode(bytes, alphabet), alphabet), bytes);
    bytes += static_cast<char>(i);
  }
}

TEST_F(Base64Test, Texts) {
  for (const std::string text : {"a", "ab", "abc", "abcd"}) EXPECT_EQ(decode_base64_lines(encode_base64(text)), text);
  EXPECT_EQ(encode_base64("ab"), "YWI=");
}

TEST_F(Base64Test, InSeveralLines) {
  EXPECT_EQ(decode_base64_lines("YW\nJj\r\nZA==\n"), "abcd");
  for (const char* text : {"", "\n", "YWI", "no base64!", "Y W I"}) EXPECT_FALSE(decode_base64_lines(text)) << text;
}

}  // namespace
}  // namespace base
