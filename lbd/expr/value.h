// Value: one typed sample, as fetches make it, converters change it and matches read it. 24 bytes, copied freely.
//
// Text is a view: into the head or payload, the arena of the exchange, or the storage of the program. Whoever keeps a
// value longer copies the text. Thread: any. Errors: a cast that is impossible says false. Manual: 7.1, 7.3.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/addr.h"
#include "base/arena.h"
#include "lbd/http/head.h"

namespace lbd::expr {

// `any`: known only when it runs (a variable), or, as input of a converter, whatever comes.
// `address`: as the input of a converter, either family.
enum class Type : uint8_t { any, boolean, integer, ipv4, ipv6, address, string, binary, method };

std::string_view name_of(Type type);

struct Value {
  Type type = Type::any;
  http::Method method = http::Method::other;  // of Type::method; `text` is its name
  uint32_t v4 = 0;                            // of Type::ipv4, host order
  union {
    int64_t integer;  // boolean: 0 or 1
    struct {
      const char* data;
      size_t size;
    } text;          // string, binary, method
    uint8_t v6[16];  // network order
  };

  Value() : text{nullptr, 0} {}
  static Value of_bool(bool b) {
    Value v;
    v.set_bool(b);
    return v;
  }
  static Value of_int(int64_t n) {
    Value v;
    v.set_int(n);
    return v;
  }
  static Value of_text(std::string_view s, Type type = Type::string) {
    Value v;
    v.set_text(s, type);
    return v;
  }
  static Value of_ip(const base::IpAddr& ip) {
    Value v;
    v.set_ip(ip);
    return v;
  }

  void set_bool(bool b) {
    type = Type::boolean;
    integer = b;
  }
  void set_int(int64_t n) {
    type = Type::integer;
    integer = n;
  }
  void set_text(std::string_view s, Type as = Type::string) {
    type = as;
    text = {s.data(), s.size()};
  }
  void set_method(http::Method m, std::string_view name) {
    type = Type::method;
    method = m;
    text = {name.data(), name.size()};
  }
  void set_v4(uint32_t host_order) {
    type = Type::ipv4;
    v4 = host_order;
  }
  void set_ip(const base::IpAddr& ip) {
    if (ip.is_v4()) {
      set_v4(ip.v4_host_order());
    } else {
      type = Type::ipv6;
      std::memcpy(v6, ip.bytes.data(), 16);
    }
  }

  bool is_text() const { return type == Type::string || type == Type::binary || type == Type::method; }
  bool is_ip() const { return type == Type::ipv4 || type == Type::ipv6; }
  std::string_view view() const { return {text.data, text.size}; }
  base::IpAddr ip() const;
};
static_assert(sizeof(Value) <= 32);

// Changes the value to another type, writing into the arena where the text is new. False: there is no such value (a
// text that is no address), or no such cast.
bool cast(Value& value, Type to, base::Arena& arena);
// Whether the matrix has a cast at all; `any` on either side can only be known when it runs.
bool castable(Type from, Type to);

// The text form without an arena: into `room` of at least kMaxScalarText bytes unless it is text already.
inline constexpr size_t kMaxScalarText = 48;
std::string_view to_text(const Value& value, char* room);

// Leading decimal digits with a sign as an integer, saturating; what follows is ignored, so "12ab" is 12 and "x" is 0.
int64_t leading_int(std::string_view text);

}  // namespace lbd::expr
