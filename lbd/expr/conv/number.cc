// Converters on numbers and truths: arithmetic, bits, not, a text for true and one for false. Manual: 7.3.1.
#include <limits>

#include "lbd/expr/operand.h"

namespace lbd::expr {
namespace {

enum class Op : uint8_t { add, sub, mul, div, mod, band, bor, bxor };

int64_t apply(Op op, int64_t a, int64_t b) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  int64_t result = 0;
  switch (op) {
    case Op::add:
      return __builtin_add_overflow(a, b, &result) ? (a > 0 ? kMost : kLeast) : result;
    case Op::sub:
      return __builtin_sub_overflow(a, b, &result) ? (a >= 0 ? kMost : kLeast) : result;
    case Op::mul:
      return __builtin_mul_overflow(a, b, &result) ? ((a > 0) == (b > 0) ? kMost : kLeast) : result;
    // Dividing by zero gives the largest number, the remainder 0 (manual: div, mod).
    case Op::div:
      return b == 0 ? kMost : b == -1 && a == kLeast ? kMost : a / b;
    case Op::mod:
      return b == 0 || b == -1 ? 0 : a % b;
    case Op::band:
      return a & b;
    case Op::bor:
      return a | b;
    case Op::bxor:
      return a ^ b;
  }
  return 0;
}

template <Op op>
bool arithmetic(const ConverterCall& call, Transaction& t, Value& value) {
  int64_t operand;
  if (!number_operand(call.arg(0), t, operand)) return false;
  value.set_int(apply(op, value.integer, operand));
  return true;
}
bool negate(const ConverterCall&, Transaction&, Value& value) {
  value.set_int(apply(Op::sub, 0, value.integer));
  return true;
}
bool invert(const ConverterCall&, Transaction&, Value& value) {
  value.set_bool(value.integer == 0);
  return true;
}
bool truth(const ConverterCall&, Transaction&, Value& value) {
  value.set_bool(value.integer != 0);
  return true;
}
bool complement(const ConverterCall&, Transaction&, Value& value) {
  value.set_int(~value.integer);
  return true;
}
bool choose(const ConverterCall& call, Transaction&, Value& value) {
  value.set_text(call.arg(value.integer ? 0 : 1).text);
  return true;
}
bool even(const ConverterCall&, Transaction&, Value& value) {
  value.set_bool(value.integer % 2 == 0);
  return true;
}
bool odd(const ConverterCall&, Transaction&, Value& value) {
  value.set_bool(value.integer % 2 != 0);
  return true;
}

constexpr ArgSpecs kNumber = {{{ArgKind::number_or_var, true}}};
constexpr Type kInt = Type::integer, kBool = Type::boolean;
constexpr ConverterRow kRows[] = {
    {.name = "add", .doc = "Adds a number.", .args = kNumber, .in = kInt, .out = kInt, .run = arithmetic<Op::add>},
    {.name = "sub", .doc = "Subtracts a number.", .args = kNumber, .in = kInt, .out = kInt, .run = arithmetic<Op::sub>},
    {.name = "mul",
     .doc = "Multiplies by a number.",
     .args = kNumber,
     .in = kInt,
     .out = kInt,
     .run = arithmetic<Op::mul>},
    {.name = "div",
     .doc = "Divides by a number.",
     .args = kNumber,
     .in = kInt,
     .out = kInt,
     .run = arithmetic<Op::div>},
    {.name = "mod",
     .doc = "The remainder of a division.",
     .args = kNumber,
     .in = kInt,
     .out = kInt,
     .run = arithmetic<Op::mod>},
    {.name = "and", .doc = "Bitwise and.", .args = kNumber, .in = kInt, .out = kInt, .run = arithmetic<Op::band>},
    {.name = "or", .doc = "Bitwise or.", .args = kNumber, .in = kInt, .out = kInt, .run = arithmetic<Op::bor>},
    {.name = "xor",
     .doc = "Bitwise exclusive or.",
     .args = kNumber,
     .in = kInt,
     .out = kInt,
     .run = arithmetic<Op::bxor>},
    {.name = "neg", .doc = "The number with the other sign.", .in = kInt, .out = kInt, .run = negate},
    {.name = "cpl", .doc = "All bits of the number turned.", .in = kInt, .out = kInt, .run = complement},
    {.name = "not", .doc = "True for zero.", .in = kInt, .out = kBool, .run = invert},
    {.name = "bool", .doc = "True for what is not zero.", .in = kInt, .out = kBool, .run = truth},
    {.name = "iif",
     .doc = "The first text for true, the second for false.",
     .args = {{{ArgKind::text}, {ArgKind::text}}},
     .in = kBool,
     .out = Type::string,
     .run = choose},
    {.name = "even", .doc = "True for an even number.", .in = kInt, .out = kBool, .run = even},
    {.name = "odd", .doc = "True for an odd number.", .in = kInt, .out = kBool, .run = odd},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
