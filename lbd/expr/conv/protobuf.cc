// Converters that take a field out of a Protocol Buffers message, plain or framed by gRPC. Nothing is known of its type
// but what the arguments say. Manual: 7.3.1 (protobuf, ungrpc); protobuf.dev/programming-guides/encoding.
#include <bit>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/strings.h"
#include "lbd/expr/context.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

enum class Wire : uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct FieldType {
  std::string_view name;
  Wire wire;
  int64_t (*read)(uint64_t raw);
};
int64_t as_is(uint64_t raw) {
  return static_cast<int64_t>(raw);
}
int64_t as_int32(uint64_t raw) {
  return static_cast<int32_t>(raw);
}
int64_t as_uint32(uint64_t raw) {
  return static_cast<uint32_t>(raw);
}
int64_t zigzag(uint64_t raw) {
  return static_cast<int64_t>((raw >> 1) ^ (0 - (raw & 1)));
}
int64_t as_bool(uint64_t raw) {
  return raw != 0;
}
int64_t truncate(double number) {
  return number >= -9.2e18 && number <= 9.2e18 ? static_cast<int64_t>(number) : 0;
}
int64_t as_double(uint64_t raw) {
  return truncate(std::bit_cast<double>(raw));
}
int64_t as_float(uint64_t raw) {
  return truncate(static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(raw))));
}
constexpr FieldType kTypes[] = {
    {"int32", Wire::varint, as_int32},     {"uint32", Wire::varint, as_uint32},  {"sint32", Wire::varint, zigzag},
    {"int64", Wire::varint, as_is},        {"uint64", Wire::varint, as_is},      {"sint64", Wire::varint, zigzag},
    {"bool", Wire::varint, as_bool},       {"enum", Wire::varint, as_int32},     {"fixed64", Wire::fixed64, as_is},
    {"sfixed64", Wire::fixed64, as_is},    {"double", Wire::fixed64, as_double}, {"fixed32", Wire::fixed32, as_uint32},
    {"sfixed32", Wire::fixed32, as_int32}, {"float", Wire::fixed32, as_float},
};

struct FieldPath {
  std::vector<uint32_t> numbers;
  const FieldType* type = nullptr;  // null: the bytes
};

bool prepare_field(Prepare& prepare) {
  auto* path = prepare.context.storage.make<FieldPath>();
  *prepare.data = path;
  for (std::string_view number : base::split(prepare.args[0].text, '.')) {
    auto n = base::parse_int<uint32_t>(number);
    if (!n || *n == 0 || *n >= 1u << 29) {
      prepare.error = "the field is a number, or numbers with dots between them";
      return false;
    }
    path->numbers.push_back(*n);
  }
  if (!prepare.args[1].given()) return true;
  for (const FieldType& type : kTypes)
    if (type.name == prepare.args[1].text) path->type = &type;
  if (!path->type) prepare.error = "the type is a scalar one such as int32 or double";
  return path->type != nullptr;
}

bool take_varint(std::string_view& from, uint64_t& number) {
  number = 0;
  for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
    auto byte = static_cast<uint8_t>(from.front());
    from.remove_prefix(1);
    number |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// The next field of a message, `from` behind it: its raw number, or its bytes.
bool take_field(std::string_view& from, uint64_t& key, uint64_t& raw, std::string_view& bytes) {
  if (!take_varint(from, key)) return false;
  size_t size = 0;
  raw = 0;
  switch (static_cast<Wire>(key & 7)) {
    case Wire::varint: {
      std::string_view before = from;
      if (!take_varint(from, raw)) return false;
      bytes = before.substr(0, before.size() - from.size());
      return true;
    }
    case Wire::bytes: {
      uint64_t length;
      if (!take_varint(from, length) || length > from.size()) return false;
      size = static_cast<size_t>(length);
      break;
    }
    case Wire::fixed64:
      size = 8;
      break;
    case Wire::fixed32:
      size = 4;
      break;
    default:
      return false;
  }
  if (size > from.size()) return false;
  bytes = from.substr(0, size);
  from.remove_prefix(size);
  if (static_cast<Wire>(key & 7) != Wire::bytes)
    for (size_t i = size; i-- > 0;) raw = raw << 8 | static_cast<uint8_t>(bytes[i]);
  return true;
}

bool find_field(std::string_view message, const FieldPath& path, Value& value) {
  size_t level = 0;
  uint64_t key, raw;
  std::string_view bytes;
  while (!message.empty() && take_field(message, key, raw, bytes)) {
    if (key >> 3 != path.numbers[level]) continue;
    auto wire = static_cast<Wire>(key & 7);
    if (++level < path.numbers.size()) {
      if (wire != Wire::bytes) return false;
      message = bytes;
      continue;
    }
    if (!path.type) {
      value.set_text(bytes, Type::binary);
      return true;
    }
    if (wire != path.type->wire) return false;
    value.set_int(path.type->read(raw));
    return true;
  }
  return false;
}

bool protobuf(const ConverterCall& call, Transaction&, Value& value) {
  return find_field(value.view(), *static_cast<const FieldPath*>(call.data), value);
}

// Each message has a byte that says whether it is compressed, and its length in four.
bool ungrpc(const ConverterCall& call, Transaction&, Value& value) {
  constexpr size_t kHeader = 5;
  std::string_view body = value.view();
  while (body.size() > kHeader) {
    size_t size = 0;
    for (size_t i = 1; i < kHeader; ++i) size = size << 8 | static_cast<uint8_t>(body[i]);
    bool compressed = body[0] != 0;
    body.remove_prefix(kHeader);
    if (compressed || size > body.size()) return false;
    if (find_field(body.substr(0, size), *static_cast<const FieldPath*>(call.data), value)) return true;
    body.remove_prefix(size);
  }
  return false;
}

constexpr ArgSpecs kField = {{{ArgKind::text}, {ArgKind::text, true}}};
constexpr ConverterRow kRows[] = {
    {.name = "protobuf",
     .doc = "A field of a Protocol Buffers message (1.2.3), as bytes or as an integer of the type given.",
     .args = kField,
     .in = Type::binary,
     .out = Type::any,
     .run = protobuf,
     .prepare = prepare_field},
    {.name = "ungrpc",
     .doc = "A field of a gRPC message (1.2.3), as bytes or as an integer of the type given.",
     .args = kField,
     .in = Type::binary,
     .out = Type::any,
     .run = ungrpc,
     .prepare = prepare_field},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
