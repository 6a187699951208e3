// Samples of what distcc sends: "TOKEN" of four letters and a parameter of eight hexadecimal digits, behind most of
// which so many bytes follow. Manual: 7.3.5, distcc_body, distcc_param.
#include <algorithm>

#include "base/strings.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

constexpr size_t kName = 4, kDigits = 8;
// Nothing follows these; their parameter is a number.
constexpr std::string_view kBare[] = {"ARGC", "DIST", "DONE", "NFIL", "STAT"};

struct Token {
  std::string_view name, body;  // the body as far as it has come
  uint32_t parameter = 0;
};

// Takes the first token off; false: it is none, or has not come whole.
bool next_token(std::string_view& bytes, Token& token) {
  if (bytes.size() < kName + kDigits) return false;
  const auto parameter = base::parse_int<uint32_t>(bytes.substr(kName, kDigits), 16);
  if (!parameter) return false;
  token.name = bytes.substr(0, kName);
  token.parameter = *parameter;
  bytes.remove_prefix(kName + kDigits);
  const bool bare = std::find(std::begin(kBare), std::end(kBare), token.name) != std::end(kBare);
  token.body = bare ? std::string_view() : bytes.substr(0, token.parameter);
  bytes.remove_prefix(token.body.size());
  return true;
}

template <bool body>
Found fetch(const FetchCall& call, Transaction& t, Cursor& cursor, Value& out) {
  std::string_view bytes = t.payload;
  int64_t wanted = std::max<int64_t>(call.arg(1).number, 1);
  for (Token token; next_token(bytes, token);) {
    if (token.name != call.arg(0).text || --wanted > 0) continue;
    if constexpr (body) {
      if (token.body.empty()) return Found::no;
      // The rest of it may be on its way.
      cursor.may_change = token.body.size() < token.parameter && !t.payload_final;
      out.set_text(token.body, Type::binary);
    } else {
      out.set_int(token.parameter);
    }
    return Found::yes;
  }
  return t.payload_final ? Found::no : Found::later;
}

constexpr ArgSpecs kToken = {{{ArgKind::text}, {ArgKind::number, true}}};

constexpr FetchRow kRows[] = {
    {.name = "distcc_body",
     .doc = "What follows a token of distcc: token, occurrence.",
     .args = kToken,
     .out = Type::binary,
     .valid = valid::kRequest,
     .run = fetch<true>,
     .raw = true},
    {.name = "distcc_param",
     .doc = "The parameter of a token of distcc: token, occurrence.",
     .args = kToken,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch<false>,
     .raw = true},
};
const base::Registered<FetchRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
