// Converters of the first packet of an MQTT connection. Manual: 7.3.1 (mqtt_is_valid, mqtt_field_value).
#include "lbd/expr/mqtt.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

constexpr std::string_view kFields[] = {"flags",      "protocol_name", "protocol_version", "client_identifier",
                                        "will_topic", "will_payload",  "username",         "password",
                                        "keepalive",  "reason_code"};
static_assert(std::size(kFields) == MqttPacket::kNames);

bool is_valid(const ConverterCall&, Transaction&, Value& value) {
  if (is_partial_mqtt(value.view())) return false;
  value.set_bool(read_mqtt(value.view()).has_value());
  return true;
}

// The packet becomes its number, the field its position among the names, or behind them that of a property.
bool prepare_field(Prepare& prepare) {
  Arg &packet = prepare.args[0], &field = prepare.args[1];
  bool connect = base::iequals(packet.text, "connect") || packet.text == "1";
  if (!connect && !base::iequals(packet.text, "connack") && packet.text != "2") {
    prepare.error = "the packet is connect or connack";
    return false;
  }
  packet.number = connect ? MqttPacket::kConnect : MqttPacket::kConnack;
  field.number = -1;
  for (size_t i = 0; i < std::size(kFields); ++i) {
    bool of_both = i == MqttPacket::flags || i == MqttPacket::protocol_version;
    if (base::iequals(kFields[i], field.text) && (of_both || connect != (i == MqttPacket::reason_code)))
      field.number = static_cast<int64_t>(i);
  }
  auto property = base::parse_int<uint8_t>(field.text);
  if (property && *property > 0 && *property < 64) field.number = MqttPacket::kNames + *property;
  if (field.number < 0) prepare.error = fmt::format("the packet has no field or property '{}'", field.text);
  return field.number >= 0;
}

bool field_value(const ConverterCall& call, Transaction& t, Value& value) {
  auto packet = read_mqtt(value.view());
  if (!packet || packet->type != call.arg(0).number) return false;
  auto at = static_cast<size_t>(call.arg(1).number);
  constexpr size_t kNames = MqttPacket::kNames;
  const MqttField& field = at < kNames ? packet->fields[at] : packet->properties[at - kNames];
  if (!field.there) return false;
  if (field.is_text) {
    value.set_text(field.text);
    return true;
  }
  Value number = Value::of_int(field.number);
  if (!cast(number, Type::string, t.arena)) return false;
  value = number;
  return true;
}

constexpr ConverterRow kRows[] = {
    {.name = "mqtt_is_valid",
     .doc = "Whether the bytes begin with a valid CONNECT or CONNACK of MQTT.",
     .in = Type::binary,
     .out = Type::boolean,
     .run = is_valid},
    {.name = "mqtt_field_value",
     .doc = "A field or property of the CONNECT or CONNACK of MQTT.",
     .args = {{{ArgKind::text}, {ArgKind::text}}},
     .in = Type::binary,
     .run = field_value,
     .prepare = prepare_field},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
