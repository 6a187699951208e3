#include "lbd/expr/value.h"

#include <charconv>
#include <limits>

#include "base/strings.h"

namespace lbd::expr {

namespace {

using base::Arena;

// An IPv4 address at the head of a text, whatever follows ("192.0.2.1:80"), with leading zeros or without.
bool leading_v4(std::string_view text, base::IpAddr& ip) {
  uint32_t address = 0;
  size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at >= text.size() || text[at++] != '.')) return false;
    uint32_t octet = 0;
    size_t begin = at;
    for (; at < text.size() && base::is_digit(text[at]); ++at)
      if ((octet = octet * 10 + static_cast<uint32_t>(text[at] - '0')) > 255) return false;
    if (at == begin) return false;
    address = address << 8 | octet;
  }
  if (at < text.size() && text[at] == '.') return false;
  ip = base::IpAddr::v4(address);
  return true;
}

bool parse_address(std::string_view text, base::IpAddr& ip) {
  auto parsed = base::IpAddr::parse(text);
  if (!parsed) return leading_v4(text, ip);
  ip = *parsed;
  return true;
}

// ::ffff:a.b.c.d, ::a.b.c.d and 2002:AABB:CCDD:: hold an IPv4 address.
bool v4_inside(const uint8_t* v6, uint32_t& v4) {
  auto word = [&](size_t at) {
    return static_cast<uint32_t>(v6[at]) << 24 | static_cast<uint32_t>(v6[at + 1]) << 16 |
           static_cast<uint32_t>(v6[at + 2]) << 8 | v6[at + 3];
  };
  if (v6[0] == 0x20 && v6[1] == 0x02) {
    v4 = word(2);
    return true;
  }
  for (size_t i = 0; i < 10; ++i)
    if (v6[i]) return false;
  if (!((v6[10] == 0 && v6[11] == 0) || (v6[10] == 0xff && v6[11] == 0xff))) return false;
  v4 = word(12);
  return true;
}

void to_mapped(Value& value) {
  uint32_t v4 = value.v4;
  value.type = Type::ipv6;
  std::memset(value.v6, 0, 10);
  value.v6[10] = value.v6[11] = 0xff;
  for (int i = 0; i < 4; ++i) value.v6[12 + i] = static_cast<uint8_t>(v4 >> (24 - 8 * i));
}

void to_binary(Value& value, Arena& arena) {
  switch (value.type) {
    case Type::boolean:
    case Type::integer: {
      char* to = arena.alloc_chars(8);
      auto n = static_cast<uint64_t>(value.integer);
      for (int i = 0; i < 8; ++i) to[i] = static_cast<char>(n >> (56 - 8 * i));
      value.set_text({to, 8}, Type::binary);
      return;
    }
    case Type::ipv4: {
      char* to = arena.alloc_chars(4);
      for (int i = 0; i < 4; ++i) to[i] = static_cast<char>(value.v4 >> (24 - 8 * i));
      value.set_text({to, 4}, Type::binary);
      return;
    }
    case Type::ipv6: {
      char* to = arena.alloc_chars(16);
      std::memcpy(to, value.v6, 16);
      value.set_text({to, 16}, Type::binary);
      return;
    }
    default:
      value.type = Type::binary;
  }
}

bool cast_text(Value& value, Type to) {
  switch (to) {
    case Type::boolean:
      if (value.text.size == 0) return false;
      value.set_bool(leading_int(value.view()) != 0);
      return true;
    case Type::integer:
      if (value.text.size == 0) return false;
      value.set_int(leading_int(value.view()));
      return true;
    case Type::address:
    case Type::ipv4:
    case Type::ipv6: {
      base::IpAddr ip;
      if (!parse_address(value.view(), ip)) return false;
      value.set_ip(ip);
      if (to == Type::ipv6 && value.type == Type::ipv4) to_mapped(value);
      if (to == Type::ipv4 && value.type == Type::ipv6) {
        uint32_t v4;
        if (!v4_inside(value.v6, v4)) return false;
        value.set_v4(v4);
      }
      return true;
    }
    case Type::method:
      value.set_method(http::method_of(value.view()), value.view());
      return true;
    default:
      value.type = to;
      return true;
  }
}

}  // namespace

std::string_view name_of(Type type) {
  switch (type) {
    case Type::any:
      return "any";
    case Type::boolean:
      return "bool";
    case Type::integer:
      return "sint";
    case Type::ipv4:
      return "ipv4";
    case Type::ipv6:
      return "ipv6";
    case Type::address:
      return "addr";
    case Type::string:
      return "str";
    case Type::binary:
      return "bin";
    case Type::method:
      return "meth";
  }
  return "";
}

base::IpAddr Value::ip() const {
  if (type == Type::ipv4) return base::IpAddr::v4(v4);
  base::IpAddr ip = base::IpAddr::any(base::Family::v6);
  std::memcpy(ip.bytes.data(), v6, 16);
  return ip;
}

int64_t leading_int(std::string_view text) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  int64_t n = 0;
  for (char c : text) {
    if (!base::is_digit(c)) break;
    if (__builtin_mul_overflow(n, 10, &n)) return negative ? kLeast : kMost;
    bool over = negative ? __builtin_sub_overflow(n, c - '0', &n) : __builtin_add_overflow(n, c - '0', &n);
    if (over) return negative ? kLeast : kMost;
  }
  return n;
}

std::string_view to_text(const Value& value, char* room) {
  switch (value.type) {
    case Type::boolean:
    case Type::integer:
      return {room, static_cast<size_t>(std::to_chars(room, room + kMaxScalarText, value.integer).ptr - room)};
    case Type::ipv4:
    case Type::ipv6:
      return {room, static_cast<size_t>(value.ip().print(room) - room)};
    default:
      return value.view();
  }
}

bool castable(Type from, Type to) {
  if (from == to || from == Type::any || to == Type::any) return true;
  switch (from) {
    case Type::boolean:
      return to == Type::integer || to == Type::string || to == Type::binary;
    case Type::integer:
      return to != Type::method;
    case Type::ipv4:
    case Type::address:
      return to != Type::boolean && to != Type::method;
    case Type::ipv6:
      return to == Type::address || to == Type::ipv4 || to == Type::string || to == Type::binary;
    case Type::string:
      return true;
    case Type::binary:
      return to == Type::string;
    case Type::method:
      return to == Type::string || to == Type::binary;
    case Type::any:
      return true;
  }
  return false;
}

bool cast(Value& value, Type to, Arena& arena) {
  if (value.type == to || to == Type::any) return true;
  if (!castable(value.type, to)) return false;
  if (to == Type::address && value.is_ip()) return true;
  if (value.type == Type::string) return cast_text(value, to);
  switch (to) {
    case Type::boolean:
      value.set_bool(value.integer != 0);
      return true;
    case Type::integer:
      value.set_int(value.type == Type::ipv4 ? static_cast<int64_t>(value.v4) : value.integer);
      return true;
    case Type::string: {
      if (value.is_text()) {
        // A string ends at the first NUL of binary data, as for every consumer of strings in HAProxy.
        if (value.type == Type::binary)
          if (const void* nul = std::memchr(value.text.data ? value.text.data : "", 0, value.text.size))
            value.text.size = static_cast<size_t>(static_cast<const char*>(nul) - value.text.data);
        value.type = Type::string;
        return true;
      }
      char room[kMaxScalarText];
      value.set_text(arena.copy(to_text(value, room)));
      return true;
    }
    case Type::binary:
      to_binary(value, arena);
      return true;
    case Type::address:
    case Type::ipv4: {
      uint32_t v4;
      if (value.type == Type::integer)
        v4 = static_cast<uint32_t>(value.integer);
      else if (!v4_inside(value.v6, v4))
        return false;
      value.set_v4(v4);
      return true;
    }
    case Type::ipv6:
      if (value.type == Type::integer) value.set_v4(static_cast<uint32_t>(value.integer));
      to_mapped(value);
      return true;
    default:
      return false;
  }
}

}  // namespace lbd::expr
