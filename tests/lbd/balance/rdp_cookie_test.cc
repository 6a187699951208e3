#include "lbd/balance/rdp_cookie.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::balance {
namespace {

std::string greeting(const std::string& line) {
  return std::string("\x03\0\0\x20\x0a\xe0\0\0\0\0\0", 11) + line;
}

std::string address(std::string_view value) {
  const auto found = address_of_rdp_cookie(value);
  return found ? found->to_string() : "none";
}

TEST(RdpCookie, ValueOfTheNameInAnyCase) {
  EXPECT_EQ(rdp_cookie(greeting("Cookie: mstshash=user\r\n"), "MSTShash"), "user");
  EXPECT_EQ(rdp_cookie(greeting("COOKIE:msts=1.2.3\r\nrest"), "msts"), "1.2.3");
  EXPECT_EQ(rdp_cookie(greeting("Cookie: msts=\r\n"), "msts"), "");
}

TEST(RdpCookie, BytesThatAreNone) {
  for (const char* line :
       {"", "Cookie", "Cookie: msts", "Cookie: other=x\r\n", "Cookies: msts=x\r\n", "Cookie: a\r\nmsts=x"})
    EXPECT_FALSE(rdp_cookie(greeting(line), "msts")) << line;
  EXPECT_FALSE(rdp_cookie("Cookie: msts=x\r\n", "msts"));
  EXPECT_FALSE(rdp_cookie("", "msts"));
}

TEST(RdpCookie, AddressesAsTerminalServersWriteThem) {
  EXPECT_EQ(address("3640205228.15629.0000"), "172.31.249.216:3389");
  EXPECT_EQ(address("16777343.20480."), "127.0.0.1:80");
  EXPECT_EQ(address(" +16777343.20480.0000"), "127.0.0.1:80");
  for (const char* bad : {"", ".", "..", "16777343", "16777343.20480", "x16777343.20480.0", "16777343x.20480.0",
                          "16777343.65536.0", "4294967296.80.0", "-1.80.0"})
    EXPECT_EQ(address(bad), "none") << bad;
}

}  // namespace
}  // namespace lbd::balance
