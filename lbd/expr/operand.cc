#include "lbd/expr/operand.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "lbd/expr/context.h"

namespace lbd::expr {

bool number_operand(const Arg& arg, Transaction& transaction, int64_t& number) {
  if (!arg.is_var) [[likely]] {
    number = arg.number;
    return true;
  }
  Value value;
  if (!get_var(transaction, arg.var, value) || !cast(value, Type::integer, transaction.arena)) return false;
  number = value.integer;
  return true;
}

bool text_operand(const Arg& arg, Transaction& transaction, std::string_view& text, Type as) {
  if (!arg.is_var) {
    text = arg.text;
    return true;
  }
  Value value;
  if (!get_var(transaction, arg.var, value) || !cast(value, as, transaction.arena)) return false;
  text = value.view();
  return true;
}

bool prepare_base64(Prepare& prepare, size_t index) {
  Arg& arg = prepare.args[index];
  if (!arg.given() || arg.is_var) return true;
  auto bytes = base::decode_base64(arg.text, base::Base64::standard, prepare.context.storage.arena());
  if (bytes) {
    arg.text = *bytes;
    return true;
  }
  prepare.error = fmt::format("'{}' is neither base64 nor a variable", arg.text);
  return false;
}

bool base64_operand(const Arg& arg, Transaction& transaction, std::string_view& bytes) {
  if (!text_operand(arg, transaction, bytes)) return false;
  if (!arg.is_var) return true;
  auto decoded = base::decode_base64(bytes, base::Base64::standard, transaction.arena);
  if (decoded) bytes = *decoded;
  return decoded.has_value();
}

}  // namespace lbd::expr
