// The arguments of fetches and converters: "(a,'b c',3)" split into texts (quotes and escapes undone), then resolved
// after the specification of the row. Errors point at the argument. Manual: 2.2 (quoting within arguments), 7.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lbd/expr/context.h"
#include "lbd/expr/row.h"

namespace lbd::expr {

struct RawArg {
  std::string text;
  size_t at = 0, length = 0;  // in the word
};

// With `text` on '(': reads through the matching ')'. False: reported.
bool split_args(CompileContext& context, Text& text, std::vector<RawArg>& out);

// Resolves into kMaxArgs Args in the storage; null: reported. `name` is for messages; `at` and `length` its place.
const Arg* resolve_args(CompileContext& context, const Text& text, std::string_view kind, std::string_view name,
                        const ArgSpecs& specs, const std::vector<RawArg>& raw, size_t at, Phases where,
                        std::span<Arg>& args);

// "24", "255.255.255.0", "64", "ffff:ffff::"; false: neither.
bool parse_mask(std::string_view text, bool v6, base::IpAddr& mask);

// The specification in words: "(string,[integer])".
std::string describe(const ArgSpecs& specs);

}  // namespace lbd::expr
