#include "lbd/expr/tls_hello.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::expr {
namespace {

using State = TlsHello::State;

std::string number(size_t value, int size) {
  std::string bytes;
  for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}
std::string field(const std::string& bytes, int size) {
  return number(bytes.size(), size) + bytes;
}
std::string extension(int type, const std::string& body) {
  return number(static_cast<size_t>(type), 2) + field(body, 2);
}
std::string client_hello(const std::string& extensions) {
  std::string body = "\x03\x03" + std::string(32, 'r') + field("session", 1) + field("\x13\x01", 2) +
                     field(std::string(1, '\0'), 1) + extensions;
  return "\x16\x03\x01" + field("\x01" + field(body, 3), 2);
}

TEST(TlsHello, OfAClient) {
  std::string bytes =
      client_hello(field(extension(0, field(std::string(1, '\0') + field("www.example", 2), 2)) + extension(10, "x") +
                             extension(35, "") + extension(16, field(field("h2", 1) + field("http/1.1", 1), 2)),
                         2));
  TlsHello hello = read_tls_hello(bytes + "more");
  EXPECT_EQ(hello.state, State::complete);
  EXPECT_EQ(hello.type, 1);
  EXPECT_EQ(hello.version, 0x0303);
  EXPECT_EQ(hello.server_name, "www.example");
  EXPECT_EQ(hello.alpn, "h2");
  EXPECT_TRUE(hello.elliptic_curves);
  EXPECT_EQ(hello.ticket, 1);
  for (size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_EQ(read_tls_hello(bytes.substr(0, cut)).state, State::partial) << cut;
}

TEST(TlsHello, WithoutExtensions) {
  TlsHello hello = read_tls_hello(client_hello(""));
  EXPECT_EQ(hello.state, State::complete);
  EXPECT_EQ(hello.server_name, "");
  EXPECT_FALSE(hello.elliptic_curves);
  EXPECT_EQ(hello.ticket, 0);
  EXPECT_EQ(read_tls_hello(client_hello(field(extension(35, "t"), 2))).ticket, 2);
}

TEST(TlsHello, None) {
  for (const char* bytes : {"GET / HTTP/1.1\r\n", "\x16G", "\x17\x03\x01"})
    EXPECT_EQ(read_tls_hello(bytes).state, State::none) << bytes;
  std::string bytes = client_hello("");
  bytes[5] = 5;  // another message
  EXPECT_EQ(read_tls_hello(bytes).state, State::none);
  bytes = client_hello("");
  bytes[8] = 3;  // ends within a field
  EXPECT_EQ(read_tls_hello(bytes).state, State::none);
}

}  // namespace
}  // namespace lbd::expr
