#include "lbd/tls/client_hello.h"

#include <gtest/gtest.h>

namespace lbd::tls {
namespace {

using namespace std::string_literals;

std::string message(const std::string& ciphers, const std::string& extensions) {
  auto counted = [](const std::string& text, size_t bytes) {
    std::string length;
    for (size_t i = bytes; i-- > 0;) length += static_cast<char>(text.size() >> 8 * i & 0xff);
    return length + text;
  };
  return "\1"s + counted("\3\3"s + std::string(32, 'r') + counted("session", 1) + counted(ciphers, 2) + "\1\0"s +
                             (extensions.empty() ? ""s : counted(extensions, 2)),
                         3);
}

const std::string kCiphers = "\x0a\x0a\x13\x01\x13\x02"s;
const std::string kExtensions = "\x1a\x1a\0\0"s + "\0\x0a\0\6\0\4\x2a\x2a\0\x1d"s + "\0\x0b\0\2\1\0"s + "\xff\1\0\1\0"s;

TEST(ClientHelloTest, ListsInTheirOrder) {
  auto hello = read_client_hello(message(kCiphers, kExtensions), 1000);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->version, 0x0303);
  EXPECT_EQ(hello->ciphers, kCiphers);
  EXPECT_EQ(hello->extensions, "\x1a\x1a\0\x0a\0\x0b\xff\1"s);
  EXPECT_EQ(hello->curves, "\x2a\x2a\0\x1d"s);
  EXPECT_EQ(hello->point_formats, "\0"s);
  EXPECT_EQ(without_grease(hello->ciphers), "\x13\x01\x13\x02"s);
  EXPECT_EQ(without_grease(hello->curves), "\0\x1d"s);
}

TEST(ClientHelloTest, NoMoreThanTheLimitIsKept) {
  auto hello = read_client_hello(message(kCiphers, kExtensions), 8);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->ciphers, kCiphers);
  EXPECT_EQ(hello->extensions, "\x1a\x1a"s);
  EXPECT_EQ(hello->curves, "");
  EXPECT_EQ(hello->ciphers_hash, read_client_hello(message(kCiphers, ""), 0)->ciphers_hash);
}

TEST(ClientHelloTest, WhatIsCutOffIsNone) {
  const std::string whole = message(kCiphers, kExtensions);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_client_hello(std::string_view(whole).substr(0, size), 100)) << size;
  EXPECT_FALSE(read_client_hello("\2" + whole.substr(1), 100));
}

}  // namespace
}  // namespace lbd::tls
