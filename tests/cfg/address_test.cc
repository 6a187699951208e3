#include "cfg/address.h"

#include <gtest/gtest.h>

namespace cfg {
namespace {

using Kind = Address::Kind;
using Ports = Address::Ports;

class AddressTest : public testing::Test {
 protected:
  Address parse(std::string_view text) {
    auto address = parse_address(text, environment_);
    EXPECT_TRUE(address) << text << ": " << (address ? "" : address.error().text);
    return address ? *address : Address{};
  }
  std::string error(std::string_view text) {
    auto address = parse_address(text, environment_);
    return address ? "" : address.error().text;
  }
  Environment environment_;
};

TEST_F(AddressTest, Ip) {
  Address a = parse("1.2.3.4:80");
  EXPECT_EQ(a.kind, Kind::ip);
  EXPECT_EQ(a.ip.to_string(), "1.2.3.4");
  EXPECT_EQ(a.port, 80);
  EXPECT_EQ(a.ports, Ports::fixed);
  EXPECT_EQ(parse("1.2.3.4").ports, Ports::none);
  EXPECT_EQ(parse("[::1]:80").ip.to_string(), "::1");
  EXPECT_EQ(parse("::1:80").ip.to_string(), "::1");
  EXPECT_EQ(parse("::1:80").port, 80);
  EXPECT_EQ(parse(":::80").family, base::Family::v6);
  EXPECT_EQ(parse("[::1]").ports, Ports::none);
}

TEST_F(AddressTest, Wildcards) {
  for (const char* text : {"*:80", ":80", "ipv4@:80", "ipv4@*:80", "tcp@:80"}) {
    Address a = parse(text);
    EXPECT_TRUE(a.wildcard) << text;
    EXPECT_EQ(a.family, base::Family::v4) << text;
    EXPECT_EQ(a.port, 80) << text;
  }
  EXPECT_EQ(parse("ipv6@:80").family, base::Family::v6);
}

TEST_F(AddressTest, NamesAndFamilies) {
  Address a = parse("ipv6@echo-web1.lan:8080");
  EXPECT_EQ(a.kind, Kind::name);
  EXPECT_EQ(a.name, "echo-web1.lan");
  EXPECT_EQ(a.family, base::Family::v6);
  EXPECT_EQ(parse("udp@127.0.0.1:514").socket, Address::Socket::datagram);
  EXPECT_EQ(parse("stream+127.0.0.1:514").socket, Address::Socket::stream);
  EXPECT_EQ(error("ipv4@::1:80"), "'::1' is not of the family that the prefix demands");
  EXPECT_EQ(error("ipx@1.2.3.4:80"), "has the unknown address family 'ipx@'");
  EXPECT_EQ(error("a b:80"), "has the invalid address or host name 'a b'");
}

TEST_F(AddressTest, Ports) {
  Address range = parse("*:8000-8010");
  EXPECT_EQ(range.ports, Ports::range);
  EXPECT_EQ(range.port, 8000);
  EXPECT_EQ(range.last_port, 8010);
  EXPECT_EQ(parse("*:+100").port_offset, 100);
  EXPECT_EQ(parse("host:-100").port_offset, -100);
  for (const char* text : {"*:99999", "*:8a", "*:20-10", "*:1-2-3", "*:-"}) EXPECT_NE(error(text), "") << text;
}

TEST_F(AddressTest, UnixSockets) {
  EXPECT_EQ(parse("/run/x.sock").name, "/run/x.sock");
  EXPECT_EQ(parse("/run/x.sock").kind, Kind::unix);
  EXPECT_EQ(parse("unix@x.sock").name, "x.sock");
  EXPECT_EQ(parse("abns@name").kind, Kind::abstract);
  EXPECT_EQ(parse("abnsz@name").kind, Kind::abstract_short);
  EXPECT_NE(error("unix@"), "");
  EXPECT_NE(error("/" + std::string(200, 'x')), "");
}

TEST_F(AddressTest, Descriptors) {
  environment_.set("FD", "7");
  EXPECT_EQ(parse("fd@3").fd, 3);
  EXPECT_EQ(parse("fd@${FD}").fd, 7);
  EXPECT_EQ(parse("stream+fd@${FD}").fd, 7);
  EXPECT_EQ(parse("sockpair@5").fd, 5);
  EXPECT_NE(error("fd@${NONE}"), "");
  EXPECT_NE(error("fd@x"), "");
}

TEST_F(AddressTest, SeveralByComma) {
  auto list = parse_addresses("10.0.0.1:80,[::1]:443,/run/x", environment_);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), 3u);
  EXPECT_FALSE(parse_addresses("10.0.0.1:80,a@b:80", environment_));
}

}  // namespace
}  // namespace cfg
