// The first packet of each side of an MQTT connection: CONNECT and CONNACK, of MQTT 3.1, 3.1.1 and 5.0. Pure.
//
// A packet is valid as a whole or not at all. Numbers are kept as they came; texts view the bytes.
// Manual: 7.3.1 (mqtt_is_valid, mqtt_field_value); OASIS MQTT 3.1.1 and 5.0, chapters 2 and 3.1, 3.2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lbd::expr {

struct MqttField {
  bool there = false;
  bool is_text = false;
  uint32_t number = 0;
  std::string_view text;
};

struct MqttPacket {
  static constexpr uint8_t kConnect = 1, kConnack = 2;
  enum Name : uint8_t {
    flags,
    protocol_name,
    protocol_version,
    client_identifier,
    will_topic,
    will_payload,
    username,
    password,
    keepalive,
    reason_code,
    kNames
  };
  uint8_t type = 0;
  std::array<MqttField, kNames> fields{};
  std::array<MqttField, 64> properties{};  // by their identifiers, those of the will among them
};

std::optional<MqttPacket> read_mqtt(std::string_view bytes);
// Whether more bytes may make it a packet.
bool is_partial_mqtt(std::string_view bytes);

}  // namespace lbd::expr
