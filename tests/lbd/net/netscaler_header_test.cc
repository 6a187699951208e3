// What Debian's haproxy does with each of these headers was tried.
#include "lbd/net/netscaler_header.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::net {
namespace {

using State = NetscalerHeader::State;
constexpr uint32_t kMagic = 0x12345678;

std::string number(uint32_t value, size_t size) {
  std::string bytes;
  while (size-- > 0) bytes += static_cast<char>(value >> (8 * size));
  return bytes;
}

std::string ipv4(uint8_t first = 0x45, uint8_t protocol = 6) {
  std::string ip = number(first, 1) + number(0, 8) + number(protocol, 1) + number(0, 2) + number(0xc0000201, 4) +
                   number(0xc6336402, 4);
  return ip + std::string(first == 0x46 ? 4 : 0, '\0');
}
std::string ipv6(uint8_t next = 6) {
  return number(0x60000000, 4) + number(20, 2) + number(next, 1) + number(64, 1) + number(0x20010db8, 4) +
         number(0, 8) + number(1, 4) + number(0x20010db8, 4) + number(0, 8) + number(2, 4);
}
std::string tcp() {
  return number(1111, 2) + number(2222, 2) + std::string(16, '\0');
}
std::string legacy(const std::string& packet) {
  return number(kMagic, 4) + number(static_cast<uint32_t>(packet.size()), 4) + packet;
}
std::string standard(const std::string& packet, uint32_t type = 1) {
  const auto size = static_cast<uint32_t>(packet.size());
  return number(kMagic, 4) + number(size + 12, 4) + number(type, 2) + number(size, 2) + packet;
}
std::string told(const std::string& bytes) {
  const NetscalerHeader header = decode_netscaler_header(bytes + "GET", kMagic);
  if (header.state != State::complete) return "no";
  EXPECT_EQ(header.length, bytes.size());
  return header.src.to_string() + " " + header.dst.to_string();
}
NetscalerError error(const std::string& bytes) {
  const NetscalerHeader header = decode_netscaler_header(bytes, kMagic);
  EXPECT_EQ(header.state, State::error);
  return header.error;
}

TEST(NetscalerHeader, TellsAddresses) {
  const std::string v4 = "192.0.2.1:1111 198.51.100.2:2222", v6 = "2001:db8::1:1111 2001:db8::2:2222";
  EXPECT_EQ(told(legacy(ipv4() + tcp())), v4);
  EXPECT_EQ(told(standard(ipv4() + tcp())), v4);
  EXPECT_EQ(told(standard(ipv4(0x46) + tcp())), v4) << "with options";
  EXPECT_EQ(told(standard(ipv4() + tcp() + "more")), v4);
  EXPECT_EQ(told(standard(ipv4() + tcp(), 2)), v4) << "the type does not matter";
  const std::string six = told(standard(ipv6() + tcp()));
  EXPECT_EQ(six, told(legacy(ipv6() + tcp())));
  EXPECT_NE(six.find("2001:db8::1"), std::string::npos);
}

TEST(NetscalerHeader, ComesInPieces) {
  for (const std::string& whole : {legacy(ipv4() + tcp()), standard(ipv6() + tcp())})
    for (size_t n = 0; n < whole.size(); ++n)
      EXPECT_EQ(decode_netscaler_header(whole.substr(0, n), kMagic).state, State::partial) << n;
}

TEST(NetscalerHeader, Wrong) {
  EXPECT_EQ(error("GET / HTTP/1.1\r\n"), NetscalerError::bad_magic);
  EXPECT_EQ(error(standard(ipv4(0x45, 17) + tcp())), NetscalerError::bad_protocol);
  EXPECT_EQ(error(standard(ipv6(0) + tcp())), NetscalerError::bad_protocol);
  EXPECT_EQ(error(standard(ipv4(0x55) + tcp())), NetscalerError::bad_protocol);
  EXPECT_EQ(error(standard("")), NetscalerError::bad_length);
  EXPECT_EQ(error(standard(ipv4())), NetscalerError::bad_length) << "nothing of TCP";
  EXPECT_EQ(error(standard(ipv4(0x44) + tcp())), NetscalerError::bad_length);
  EXPECT_EQ(error(legacy(ipv6().substr(0, 30))), NetscalerError::bad_length);
  EXPECT_EQ(error(number(kMagic, 4) + number(1 << 20, 4) + ipv4() + tcp()), NetscalerError::bad_length) << "endless";
}

}  // namespace
}  // namespace lbd::net
