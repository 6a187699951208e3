// Operand: the value of an argument that may be a constant or a variable, read when the expression runs. False: the
// variable is not set, or holds nothing of that type. Thread: any.
#pragma once

#include <string_view>

#include "lbd/expr/row.h"

namespace lbd::expr {

bool number_operand(const Arg& arg, Transaction& transaction, int64_t& number);
bool text_operand(const Arg& arg, Transaction& transaction, std::string_view& text, Type as = Type::string);

// Of arguments that are base64, in the program as in the variable. prepare_base64 checks and decodes a constant.
bool prepare_base64(Prepare& prepare, size_t index);
bool base64_operand(const Arg& arg, Transaction& transaction, std::string_view& bytes);

}  // namespace lbd::expr
