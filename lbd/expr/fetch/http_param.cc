// Samples of parameters: of the query string and of a form in the body. Manual: 7.3.6.
#include "lbd/expr/context.h"
#include "lbd/expr/row.h"
#include "lbd/http/uri.h"

namespace lbd::expr {

namespace {

bool next_named(std::string_view text, size_t& at, std::string_view name, std::string_view delimiters, Value& out) {
  http::Pair param;
  while (http::next_param(text, at, param, delimiters)) {
    if (!name.empty() && param.name != name) continue;
    out.set_text(param.value);
    return true;
  }
  return false;
}

Found next(std::string_view text, std::string_view name, std::string_view delimiters, Cursor& cursor, Value& out) {
  size_t start = 0;
  bool found = next_named(text, cursor.iterate ? cursor.offset : start, name, delimiters, out);
  if (cursor.iterate) cursor.more = found;
  return found ? Found::yes : Found::no;
}

// args[1]: where the parameters begin ('?' by default); data: what ends one.
bool prepare_param(Prepare& prepare) {
  Arg& delimiter = prepare.args[1];
  if (!delimiter.given()) {
    delimiter.text = "?";
  } else if (delimiter.text.size() != 1) {
    prepare.error = "the delimiter must be one character";
    return false;
  }
  std::string ends = "&;";
  ends += delimiter.text;
  *prepare.data = prepare.context.storage.make<std::string_view>(prepare.context.storage.copy(ends));
  return true;
}

Found fetch_param(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  if (!transaction.request) return Found::no;
  std::string_view target = transaction.request->target;
  size_t at = target.find(call.arg(1).text);
  if (at == std::string_view::npos) return Found::no;
  return next(target.substr(at + 1), call.arg(0).text, *static_cast<const std::string_view*>(call.data), cursor, out);
}

Found fetch_param_int(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  Found found = fetch_param(call, transaction, cursor, out);
  if (found == Found::yes) out.set_int(leading_int(out.view()));
  return found;
}

Found fetch_body_param(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  if (!transaction.request) return Found::no;
  Found found = next(transaction.payload, call.arg(0).text, "&", cursor, out);
  if (found == Found::yes) out.type = Type::binary;
  return found;
}

constexpr ArgSpecs kParam = {{{ArgKind::text, true}, {ArgKind::text, true}}};

constexpr FetchRow kRows[] = {
    {.name = "urlp",
     .doc = "A parameter of the query string, as it stands.",
     .args = kParam,
     .valid = valid::kRequest,
     .run = fetch_param,
     .prepare = prepare_param},
    {.name = "url_param",
     .doc = "The same as urlp.",
     .args = kParam,
     .valid = valid::kRequest,
     .run = fetch_param,
     .prepare = prepare_param},
    {.name = "urlp_val",
     .doc = "A parameter of the query string as an integer.",
     .args = kParam,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_param_int,
     .prepare = prepare_param},
    {.name = "req.body_param",
     .doc = "A parameter of a form in the request body.",
     .args = {{{ArgKind::text, true}}},
     .out = Type::binary,
     .valid = valid::kRequest,
     .run = fetch_body_param},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
