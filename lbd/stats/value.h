// Value: one figure or text of the statistics, with the type that `show stat typed` and JSON name. "Nothing" is an
// empty CSV field: the number does not exist for this object.
// A value; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace lbd::stats {

struct Value {
  enum class Type : uint8_t { nothing, text, u32, s32, u64, real };
  Type type = Type::nothing;
  int64_t number = 0;
  std::string text;  // of a real: its digits

  static Value nothing() { return {}; }
  static Value of(std::string text) { return {Type::text, 0, std::move(text)}; }
  static Value u32(uint64_t n) { return {Type::u32, static_cast<int64_t>(n), {}}; }
  static Value s32(int64_t n) { return {Type::s32, n, {}}; }
  static Value real(std::string digits) { return {Type::real, 0, std::move(digits)}; }
  static Value u64(uint64_t n) { return {Type::u64, static_cast<int64_t>(n), {}}; }

  bool is_number() const { return type != Type::nothing && type != Type::text; }
  std::string_view type_name() const {
    constexpr std::string_view kNames[] = {"", "str", "u32", "s32", "u64", "flt"};
    return kNames[static_cast<size_t>(type)];
  }
  std::string print() const {
    if (type == Type::text || type == Type::real) return text;
    return type == Type::nothing ? std::string() : std::to_string(number);
  }
};

}  // namespace lbd::stats
