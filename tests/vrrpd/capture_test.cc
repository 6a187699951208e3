#include "vrrpd/capture.h"

#include <gtest/gtest.h>

namespace vrrpd {
namespace {

const base::IpAddr kFrom4 = base::IpAddr::v4(0x0a4d0001), kTo4 = base::IpAddr::v4(0xe0000012);

std::vector<uint8_t> packet_v4(const std::vector<uint8_t>& message) {
  std::vector<uint8_t> packet(20);
  packet[0] = 0x45;
  packet[3] = static_cast<uint8_t>(20 + message.size());
  packet[8] = 255;
  packet[9] = kProtocol;
  std::copy_n(kFrom4.bytes.begin(), 4, packet.begin() + 12);
  std::copy_n(kTo4.bytes.begin(), 4, packet.begin() + 16);
  const uint16_t checksum = checksum_end(checksum_add(packet));
  packet[10] = static_cast<uint8_t>(checksum >> 8);
  packet[11] = static_cast<uint8_t>(checksum);
  packet.insert(packet.end(), message.begin(), message.end());
  return packet;
}

std::vector<uint8_t> packet_v6(const std::vector<uint8_t>& message) {
  std::vector<uint8_t> packet(40);
  packet[0] = 0x60;
  packet[5] = static_cast<uint8_t>(message.size());
  packet[6] = kProtocol;
  packet[7] = 255;
  packet[8] = 0xfe;
  packet[9] = 0x80;
  packet[24] = 0xff;
  packet[25] = 0x02;
  packet[39] = 0x12;
  packet.insert(packet.end(), message.begin(), message.end());
  return packet;
}

TEST(Capture, TakesWhatTheHeaderSays) {
  std::vector<uint8_t> packet = packet_v4({1, 2, 3});
  packet.resize(46);  // Ethernet pads
  const auto taken = take_packet(base::Family::v4, packet);
  ASSERT_TRUE(taken);
  EXPECT_EQ(std::vector<uint8_t>(taken->message.begin(), taken->message.end()), (std::vector<uint8_t>{1, 2, 3}));
  EXPECT_EQ(taken->path.source, kFrom4);
  EXPECT_EQ(taken->path.destination, kTo4);
  EXPECT_EQ(taken->path.ttl, 255);

  packet = packet_v6({4, 5});
  packet.resize(60);
  const auto six = take_packet(base::Family::v6, packet);
  ASSERT_TRUE(six);
  EXPECT_EQ(six->message.size(), 2u);
  EXPECT_EQ(six->path.destination.to_string(), "ff02::12");
  EXPECT_EQ(six->path.ttl, 255);
}

TEST(Capture, RefusesWhatTheKernelWouldHaveRefused) {
  const std::vector<uint8_t> good = packet_v4({1, 2, 3});
  for (const auto& [at, value] : std::vector<std::pair<size_t, uint8_t>>{
           {0, 0x65}, {0, 0x44}, {3, 19}, {3, 24}, {6, 0x20}, {7, 1}, {9, 6}, {10, 0xff}, {8, 254}}) {
    std::vector<uint8_t> bad = good;
    bad[at] = value;
    EXPECT_FALSE(take_packet(base::Family::v4, bad)) << at;
  }
  EXPECT_FALSE(take_packet(base::Family::v4, std::span(good).first(19)));
  const std::vector<uint8_t> six = packet_v6({4, 5});
  EXPECT_FALSE(take_packet(base::Family::v6, std::span(six).first(39)));
  EXPECT_FALSE(take_packet(base::Family::v6, std::span(six).first(41)));
  EXPECT_FALSE(take_packet(base::Family::v6, good));
}

}  // namespace
}  // namespace vrrpd
