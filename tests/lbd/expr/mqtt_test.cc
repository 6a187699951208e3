#include "lbd/expr/mqtt.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::expr {
namespace {

std::string text(const std::string& bytes) {
  return std::string(1, static_cast<char>(bytes.size() >> 8)) + static_cast<char>(bytes.size()) + bytes;
}
std::string packet(int type, const std::string& body) {
  return std::string(1, static_cast<char>(type << 4)) + static_cast<char>(body.size()) + body;
}
std::string connect(const std::string& name, int version, int flags, const std::string& rest) {
  return packet(1,
                text(name) + static_cast<char>(version) + static_cast<char>(flags) + std::string("\0\x3c", 2) + rest);
}

TEST(Mqtt, Connect) {
  auto read =
      read_mqtt(connect("MQTT", 4, 0xee, text("id") + text("topic") + text("will") + text("me") + text("pass")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->fields[MqttPacket::will_topic].text, "topic");
  EXPECT_EQ(read->fields[MqttPacket::will_payload].text, "will");
  EXPECT_EQ(read->fields[MqttPacket::password].text, "pass");
  EXPECT_EQ(read->fields[MqttPacket::flags].number, 0xeeu);
  EXPECT_TRUE(read_mqtt(connect("MQIsdp", 3, 2, text("id"))));
}

TEST(Mqtt, Properties) {
  std::string properties("\x11\0\0\x0e\x10\x26\0\1a\0\1b\x26\0\1c\0\1d", 19);
  auto read =
      read_mqtt(connect("MQTT", 5, 2, std::string(1, static_cast<char>(properties.size())) + properties + text("id")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->properties[17].number, 3600u);
  EXPECT_FALSE(read->properties[33].there);
  std::string twice("\x0a\x11\0\0\0\1\x11\0\0\0\1", 11);
  EXPECT_FALSE(read_mqtt(connect("MQTT", 5, 2, twice + text("id"))));
  std::string of_connack("\2\x24\1", 3);
  EXPECT_FALSE(read_mqtt(connect("MQTT", 5, 2, of_connack + text("id"))));
}

TEST(Mqtt, Invalid) {
  for (const std::string& bytes :
       {connect("MQTT", 6, 2, text("id")), connect("MQTX", 4, 2, text("id")), connect("MQTT", 4, 3, text("id")),
        connect("MQTT", 4, 0x40, text("id") + text("p")), connect("MQTT", 4, 8, text("id")),
        connect("MQTT", 4, 0x1e, text("id") + text("t") + text("p")), connect("MQTT", 4, 2, text("id") + "x"),
        connect("MQTT", 4, 2, ""), packet(3, text("x")), packet(2, "\2\0"), std::string(),
        std::string("\x10\xff\xff\xff\xff\1", 6)})
    EXPECT_FALSE(read_mqtt(bytes));
}

}  // namespace
}  // namespace lbd::expr
