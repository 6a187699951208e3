// Samples of cookies: of Cookie fields in requests, Set-Cookie fields in responses. Manual: 7.3.6; RFC 6265.
#include "lbd/expr/row.h"
#include "lbd/http/cookie.h"

namespace lbd::expr {

namespace {

enum class Side { request, response, either };

template <Side side>
bool in_response(const FetchCall& call) {
  return side == Side::response || (side == Side::either && call.response);
}

// Gives each cookie of the name (of any name when it is empty) to `visit`, from the cursor on.
template <typename Visit>
void each_cookie(const http::Head& head, bool response, std::string_view name, Cursor& cursor, Visit visit) {
  http::Token token = response ? http::Token::set_cookie : http::Token::cookie;
  const http::Header* begin = head.headers.begin();
  for (; begin + cursor.index < head.headers.end(); ++cursor.index, cursor.offset = 0) {
    const http::Header& header = begin[cursor.index];
    if (header.token != token || header.removed()) continue;
    http::Pair cookie;
    while (http::next_cookie(header.value, cursor.offset, cookie, response))
      if ((name.empty() || cookie.name == name) && !visit(cookie)) return;
  }
}

template <Side side>
Found fetch_cookie(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  bool response = in_response<side>(call);
  const http::Head* head = response ? transaction.response : transaction.request;
  if (!head) return Found::no;
  bool found = false;
  std::string_view name = call.arg(0).text;
  if (cursor.iterate) {
    each_cookie(*head, response, name, cursor, [&](const http::Pair& cookie) {
      out.set_text(cookie.value);
      found = true;
      return false;
    });
    cursor.more = found;
  } else {
    // Of a name the last one counts, without a name the first.
    Cursor from_start;
    each_cookie(*head, response, name, from_start, [&](const http::Pair& cookie) {
      out.set_text(cookie.value);
      found = true;
      return !name.empty();
    });
  }
  return found ? Found::yes : Found::no;
}

template <Side side>
Found fetch_cookie_int(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  Found found = fetch_cookie<side>(call, transaction, cursor, out);
  if (found == Found::yes) out.set_int(leading_int(out.view()));
  return found;
}

template <Side side>
Found fetch_cookie_count(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  bool response = in_response<side>(call);
  const http::Head* head = response ? transaction.response : transaction.request;
  if (!head) return Found::no;
  int64_t count = 0;
  Cursor cursor;
  each_cookie(*head, response, call.arg(0).text, cursor, [&](const http::Pair&) { return ++count, true; });
  out.set_int(count);
  return Found::yes;
}

constexpr ArgSpecs kName = {{{ArgKind::text, true}}};
using enum Side;

constexpr FetchRow kRows[] = {
    {.name = "req.cook",
     .doc = "The value of a request cookie.",
     .args = kName,
     .valid = valid::kRequest,
     .run = fetch_cookie<request>},
    {.name = "cook",
     .doc = "Old name of req.cook.",
     .args = kName,
     .valid = valid::kRequest,
     .run = fetch_cookie<request>},
    {.name = "cookie",
     .doc = "req.cook in request rules, res.cook in response rules.",
     .args = kName,
     .valid = valid::kEither,
     .run = fetch_cookie<either>},
    {.name = "res.cook",
     .doc = "The value of a cookie that the response sets.",
     .args = kName,
     .valid = valid::kResponse,
     .run = fetch_cookie<response>},
    {.name = "scook",
     .doc = "Old name of res.cook.",
     .args = kName,
     .valid = valid::kResponse,
     .run = fetch_cookie<response>},
    {.name = "set-cookie",
     .doc = "Old name of res.cook.",
     .args = kName,
     .valid = valid::kResponse,
     .run = fetch_cookie<response>},
    {.name = "req.cook_val",
     .doc = "The value of a request cookie as an integer.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_cookie_int<request>},
    {.name = "cook_val",
     .doc = "Old name of req.cook_val.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_cookie_int<request>},
    {.name = "res.cook_val",
     .doc = "The value of a response cookie as an integer.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_cookie_int<response>},
    {.name = "scook_val",
     .doc = "Old name of res.cook_val.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_cookie_int<response>},
    {.name = "req.cook_cnt",
     .doc = "How many request cookies have the name.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_cookie_count<request>},
    {.name = "cook_cnt",
     .doc = "Old name of req.cook_cnt.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_cookie_count<request>},
    {.name = "res.cook_cnt",
     .doc = "How many response cookies have the name.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_cookie_count<response>},
    {.name = "scook_cnt",
     .doc = "Old name of res.cook_cnt.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_cookie_count<response>},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
