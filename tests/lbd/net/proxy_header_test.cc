// HAProxy 2.6 was tried with each of these headers; "stricter" and "laxer" mark where it does otherwise.
#include "lbd/net/proxy_header.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::net {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// In one piece and byte by byte, with bytes of the application behind.
std::string decode(const std::string& header) {
  std::string bytes = header + "GET /";
  std::string results[2];
  for (bool bytewise : {false, true}) {
    ProxyHeader out;
    ProxyDecoded decoded;
    for (size_t have = bytewise ? 1 : bytes.size(); have <= bytes.size(); ++have) {
      decoded = decode_proxy_header(std::string_view(bytes).substr(0, have), out);
      if (decoded.state != ProxyDecoded::State::partial) break;
    }
    std::string& text = results[bytewise];
    if (decoded.state == ProxyDecoded::State::partial)
      text = "partial";
    else if (decoded.state == ProxyDecoded::State::error)
      text = text_of(decoded.error);
    else
      text = out.addressed ? out.src.to_string() + " " + out.dst.to_string() : "own";
    if (decoded.state == ProxyDecoded::State::complete) {
      EXPECT_EQ(decoded.length, header.size());
    }
  }
  EXPECT_EQ(results[0], results[1]) << testing::PrintToString(header);
  return results[0];
}

TEST(ProxyHeader, Lines) {
  EXPECT_EQ(decode("PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n"), "1.2.3.4:1000 5.6.7.8:80");
  EXPECT_EQ(decode("PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\n"), "1.2.3.4:0 5.6.7.8:65535");
  EXPECT_EQ(decode("PROXY TCP6 ::1 2001:DB8::2 1000 80\r\n"), "::1:1000 2001:db8::2:80");
  EXPECT_EQ(decode("PROXY UNKNOWN\r\n"), "own");
  EXPECT_EQ(decode("PROXY UNKNOWN ffff:: x y z\r\n"), "own") << "laxer, as the protocol demands";
  EXPECT_EQ(decode("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n"), "own");
}

TEST(ProxyHeader, BadLines) {
  for (std::string bad :
       {"PROXY UNKNOWNX\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\rX",
        "PROXY TCP4 1.2.3.4 5.6.7.8 01000 80\r\n",  // stricter
        "PROXY TCP4 01.2.3.4 5.6.7.8 1000 80\r\n",  // stricter
        "PROXY TCP4 1.2.3.4 5.6.7.8 70000 80\r\n",  // stricter
        "PROXY TCP4 1.2.3 5.6.7.8 1000 80\r\n",     // stricter
        "PROXY TCP4 1.2.3.4 5.6.7.8 +1000 80\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 -1 80\r\n",
        "PROXY  TCP4 1.2.3.4 5.6.7.8 1000 80\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1000 80 \r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1000 \r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1000\r\n", "PROXY TCP4 ::1 ::2 1000 80\r\n",
        "PROXY TCP6 1.2.3.4 5.6.7.8 1000 80\r\n", "PROXY UDP4 1.2.3.4 5.6.7.8 1000 80\r\n",
        "PROXY tcp4 1.2.3.4 5.6.7.8 1000 80\r\n", "PROXY \r\n"})
    EXPECT_EQ(decode(bad), "invalid PROXY line") << bad;
  EXPECT_EQ(decode("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"), "invalid PROXY line");
  EXPECT_EQ(decode("PROXY UNKNOWN " + std::string(300, 'x')), "invalid PROXY line");
  EXPECT_EQ(decode("GET / HTTP/1.1\r\n"), "no PROXY header");
  EXPECT_EQ(decode("POST / HTTP/1.1\r\n"), "no PROXY header");
  EXPECT_EQ(decode("\r\n\r\nGET / HTTP/1.1\r\n"), "no PROXY header");
}

std::string binary(char command, char family, std::string_view block) {
  std::string header("\r\n\r\n\0\r\nQUIT\n"sv);
  header += command;
  header += family;
  header += static_cast<char>(block.size() >> 8);
  header += static_cast<char>(block.size() & 0xff);
  return header += block;
}

const std::string k4 = "\1\2\3\4\5\6\7\x08\x03\xe8\x00\x50"s;
const std::string k6 = std::string(15, '\0') + "\1\x20\1\x0d\xb8"s + std::string(11, '\0') + "\2\x03\xe8\x00\x50"s;

TEST(ProxyHeader, Binary) {
  EXPECT_EQ(decode(binary(0x21, 0x11, k4)), "1.2.3.4:1000 5.6.7.8:80");
  EXPECT_EQ(decode(binary(0x21, 0x21, k6)), "::1:1000 2001:db8::2:80");
  EXPECT_EQ(decode(binary(0x21, 0x11, k4 + "\4\0\3abc"s)), "1.2.3.4:1000 5.6.7.8:80");
  EXPECT_EQ(decode(binary(0x20, 0x00, "")), "own");
  EXPECT_EQ(decode(binary(0x20, 0x11, k4)), "own");
  EXPECT_EQ(decode(binary(0x20, 0x11, "")), "own");
  EXPECT_EQ(decode(binary(0x20, 0x44, "")), "own");
  // Laxer: HAProxy closes these, though the protocol asks a receiver to fall back to its own addresses.
  EXPECT_EQ(decode(binary(0x21, 0x00, "")), "own");
  EXPECT_EQ(decode(binary(0x21, 0x12, k4)), "own");
  EXPECT_EQ(decode(binary(0x21, 0x22, k6)), "own");
  EXPECT_EQ(decode(binary(0x21, 0x31, std::string(216, 'a'))), "own");
}

TEST(ProxyHeader, BadBinary) {
  EXPECT_EQ(decode(binary(0x11, 0x11, k4)), "unknown version of the PROXY protocol");
  EXPECT_EQ(decode(binary(0x22, 0x11, k4)), "unknown command in the PROXY header");
  for (char family : {0x41, 0x13, 0x10, 0x01})
    EXPECT_EQ(decode(binary(0x21, family, k4)), "unknown address family in the PROXY header");
  EXPECT_EQ(decode(binary(0x21, 0x11, k4.substr(0, 8))), "invalid length of the PROXY header");
  EXPECT_EQ(decode(binary(0x21, 0x31, std::string(100, 'a'))), "invalid length of the PROXY header");
  EXPECT_EQ(decode(binary(0x21, 0x11, k4 + "\4\x13\x88"s + std::string(5000, 'x'))),
            "invalid length of the PROXY header");
  EXPECT_EQ(decode(binary(0x21, 0x11, k4 + "\4\0\11abc"s)), "invalid TLV in the PROXY header");
  EXPECT_EQ(decode(binary(0x21, 0x11, k4 + "\4"s)), "invalid TLV in the PROXY header");
  EXPECT_EQ(decode(binary(0x21, 0x11, k4 + "\3\0\2ab"s)), "invalid TLV in the PROXY header");
  EXPECT_EQ(decode(binary(0x21, 0x11, k4 + "\5\0\x81"s + std::string(129, 'u'))), "invalid TLV in the PROXY header");
}

TEST(ProxyHeader, Checksum) {
  EXPECT_EQ(decode(binary(0x21, 0x11, k4 + "\3\0\4\x01\xcd\xcc\xb0"s)), "1.2.3.4:1000 5.6.7.8:80");
  EXPECT_EQ(decode(binary(0x21, 0x11, k4 + "\3\0\4\x01\xcd\xcc\xb1"s)), "wrong checksum of the PROXY header");
}

TEST(ProxyHeader, Tlvs) {
  std::string bytes = binary(0x21, 0x11, k4 + "\2\0\1h\x05\0\3abc"s);
  ProxyHeader header;
  ASSERT_EQ(decode_proxy_header(bytes, header).state, ProxyDecoded::State::complete);
  EXPECT_EQ(find_tlv(header.tlvs, Tlv::kAuthority), "h");
  EXPECT_EQ(find_tlv(header.tlvs, Tlv::kUniqueId), "abc");
  EXPECT_EQ(find_tlv(header.tlvs, Tlv::kAlpn).data(), nullptr);
}

TEST(ProxyHeader, Encodes) {
  base::IpPort a{*base::IpAddr::parse("1.2.3.4"), 1000}, b{*base::IpAddr::parse("5.6.7.8"), 80};
  base::IpPort c{*base::IpAddr::parse("::1"), 1000}, d{*base::IpAddr::parse("2001:db8::2"), 80};
  std::string out;
  append_proxy_v1(out, a, b);
  EXPECT_EQ(out, "PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n");
  out.clear();
  append_proxy_v1(out, c, d);
  EXPECT_EQ(out, "PROXY TCP6 ::1 2001:db8::2 1000 80\r\n");
  out.clear();
  append_proxy_v1(out, a, d);
  EXPECT_EQ(out, "PROXY UNKNOWN\r\n");
  out.clear();
  append_proxy_v2(out, a, b);
  EXPECT_EQ(out, binary(0x21, 0x11, k4));
  out.clear();
  append_proxy_v2(out, c, d);
  EXPECT_EQ(out, binary(0x21, 0x21, k6));
  out.clear();
  append_proxy_v2(out, {}, {});
  EXPECT_EQ(out, binary(0x20, 0x00, ""));
  // What HAProxy sends for proxy-v2-options crc32c.
  out.clear();
  append_proxy_v2(out, {}, {}, {}, true);
  EXPECT_EQ(out, binary(0x20, 0x00, "\3\0\4\xa9\xb8\x7e\x8f"sv));
  out = "before";
  const Tlv tlvs[] = {{Tlv::kUniqueId, "abc"}};
  append_proxy_v2(out, a, b, tlvs, true);
  EXPECT_EQ(decode(out.substr(6)), "1.2.3.4:1000 5.6.7.8:80");
}

}  // namespace
}  // namespace lbd::net
