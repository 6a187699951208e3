#include "vrrpd/announce.h"

#include <gtest/gtest.h>

#include "vrrpd/packet.h"

namespace vrrpd {
namespace {

constexpr MacAddress kMac{2, 0, 0, 0, 0, 7};

std::vector<uint8_t> bytes(std::initializer_list<int> values) {
  return {values.begin(), values.end()};
}

TEST(Announce, GratuitousArpIsARequestForItself) {
  const auto frame = gratuitous_arp(kMac, base::IpAddr::parse("10.0.0.1").value());
  EXPECT_EQ(frame, bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,  0, 0, 0, 0, 7, 0x08, 0x06,  // to all, from us, ARP
                          0,    1,    8,    0,    6,    4,    0,  1,                          // a request
                          2,    0,    0,    0,    0,    7,    10, 0, 0, 1,                    // sender
                          0,    0,    0,    0,    0,    0,    10, 0, 0, 1}));                 // target
}

TEST(Announce, UnsolicitedNeighbourAdvertisement) {
  const base::IpAddr ip = base::IpAddr::parse("fd00::1").value();
  for (const bool router : {false, true}) {
    const auto frame = unsolicited_na(kMac, ip, router);
    ASSERT_EQ(frame.size(), 14u + 40u + 32u);
    EXPECT_EQ(frame[5], 1);     // 33:33:00:00:00:01
    EXPECT_EQ(frame[21], 255);  // hop limit
    EXPECT_EQ(frame[54], 136);
    EXPECT_EQ(frame[58], router ? 0xa0 : 0x20);  // R as the node forwards, S off, O on
    EXPECT_EQ(std::vector<uint8_t>(frame.end() - 8, frame.end()), bytes({2, 1, 2, 0, 0, 0, 0, 7}));
    // The checksum with the pseudo-header (addresses, length, next header) is right.
    const std::span<const uint8_t> packet(frame.data() + 14, 72);
    EXPECT_EQ(checksum_end(checksum_add(packet.subspan(8)) + 32 + 58), 0);
  }
}

}  // namespace
}  // namespace vrrpd
