#include "lbd/expr/mqtt.h"

namespace lbd::expr {

namespace {

// Takes numbers and texts off the front; failed() once there was too little.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string_view take(size_t size) {
    failed_ = failed_ || size > rest_.size();
    if (failed_) return {};
    std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  uint32_t number(size_t size) {
    uint32_t value = 0;
    for (char c : take(size)) value = value << 8 | static_cast<uint8_t>(c);
    return value;
  }
  std::string_view text() { return take(number(2)); }
  // Seven bits in each byte, the lowest first; four bytes at most.
  uint32_t variable() {
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      uint32_t byte = number(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }
  void fail() { failed_ = true; }
  bool failed() const { return failed_; }
  bool more() const { return !failed_ && !rest_.empty(); }
  size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

enum class Form : uint8_t { none, byte, two, four, variable, text, pair };

Form form_of(uint32_t property) {
  switch (property) {
    case 1:
    case 23:
    case 25:
    case 36:
    case 37:
    case 40:
    case 41:
    case 42:
      return Form::byte;
    case 19:
    case 33:
    case 34:
    case 35:
      return Form::two;
    case 2:
    case 17:
    case 24:
    case 39:
      return Form::four;
    case 3:
    case 8:
    case 9:
    case 18:
    case 21:
    case 22:
    case 26:
    case 28:
    case 31:
      return Form::text;
    case 38:
      return Form::pair;
    default:
      return Form::none;
  }
}

constexpr uint64_t bits(std::initializer_list<int> properties) {
  uint64_t set = 0;
  for (int property : properties) set |= uint64_t{1} << property;
  return set;
}
constexpr uint64_t kOfConnect = bits({17, 33, 39, 34, 25, 23, 38, 21, 22}), kOfWill = bits({24, 1, 2, 3, 8, 9, 38}),
                   kOfConnack = bits({17, 33, 36, 37, 39, 18, 34, 31, 38, 40, 41, 42, 19, 26, 28, 21, 22});

MqttField number_field(uint32_t number) {
  return {.there = true, .is_text = false, .number = number, .text = {}};
}
MqttField text_field(std::string_view text) {
  return {.there = true, .is_text = true, .number = 0, .text = text};
}

// Each at most once, but user properties.
void read_properties(Reader& packet, uint64_t allowed, MqttPacket& out) {
  Reader list(packet.take(packet.variable()));
  while (list.more()) {
    uint32_t id = list.variable();
    Form form = form_of(id);
    if (form == Form::none || !(allowed >> id & 1) || (out.properties[id].there && form != Form::pair)) {
      packet.fail();
      return;
    }
    switch (form) {
      case Form::byte:
        out.properties[id] = number_field(list.number(1));
        break;
      case Form::two:
        out.properties[id] = number_field(list.number(2));
        break;
      case Form::four:
        out.properties[id] = number_field(list.number(4));
        break;
      case Form::text:
        out.properties[id] = text_field(list.text());
        break;
      default:
        list.text();
        list.text();
    }
  }
  if (list.failed()) packet.fail();
}

void read_connect(Reader& packet, MqttPacket& out) {
  using P = MqttPacket;
  std::string_view name = packet.text();
  uint32_t version = packet.number(1), flags = packet.number(1);
  bool known = (name == "MQIsdp" && version == 3) || (name == "MQTT" && (version == 4 || version == 5));
  bool will = flags & 4, has_password = flags & 0x40, has_username = flags & 0x80;
  bool odd_flags = (flags & 1) || (flags >> 3 & 3) == 3 || (!will && (flags & 0x38)) ||
                   (version < 5 && has_password && !has_username);
  if (!known || odd_flags) return packet.fail();
  out.fields[P::protocol_name] = text_field(name);
  out.fields[P::protocol_version] = number_field(version);
  out.fields[P::flags] = number_field(flags);
  out.fields[P::keepalive] = number_field(packet.number(2));
  if (version == 5) read_properties(packet, kOfConnect, out);
  out.fields[P::client_identifier] = text_field(packet.text());
  if (will) {
    if (version == 5) read_properties(packet, kOfWill, out);
    out.fields[P::will_topic] = text_field(packet.text());
    out.fields[P::will_payload] = text_field(packet.text());
  }
  if (has_username) out.fields[P::username] = text_field(packet.text());
  if (has_password) out.fields[P::password] = text_field(packet.text());
}

// Only MQTT 5.0 has more than two bytes here.
void read_connack(Reader& packet, MqttPacket& out) {
  using P = MqttPacket;
  uint32_t flags = packet.number(1);
  if (flags & 0xfe) return packet.fail();
  out.fields[P::flags] = number_field(flags);
  out.fields[P::reason_code] = number_field(packet.number(1));
  out.fields[P::protocol_version] = number_field(packet.more() ? 5 : 4);
  if (packet.more()) read_properties(packet, kOfConnack, out);
}

}  // namespace

std::optional<MqttPacket> read_mqtt(std::string_view bytes) {
  MqttPacket out;
  Reader reader(bytes);
  uint32_t header = reader.number(1);
  out.type = static_cast<uint8_t>(header >> 4);
  uint32_t length = reader.variable();
  if (reader.failed() || (header & 15) != 0 || length > reader.left()) return std::nullopt;
  Reader packet(reader.take(length));
  if (out.type == MqttPacket::kConnect)
    read_connect(packet, out);
  else if (out.type == MqttPacket::kConnack)
    read_connack(packet, out);
  else
    return std::nullopt;
  if (packet.failed() || packet.more()) return std::nullopt;
  return out;
}

bool is_partial_mqtt(std::string_view bytes) {
  if (bytes.size() < 2) return true;
  Reader reader(bytes);
  uint32_t type = reader.number(1) >> 4;
  uint32_t length = reader.variable();
  return (type == MqttPacket::kConnect || type == MqttPacket::kConnack) && !reader.failed() && length > reader.left();
}

}  // namespace lbd::expr
