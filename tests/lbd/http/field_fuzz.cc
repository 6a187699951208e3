// The small readers of HTTP text: targets and their normal forms, parameters, cookies, lists, dates, error files. What
// they give must lie in what they were given, they must come to an end, and a normal form must stay as it is.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lbd/http/cookie.h"
#include "lbd/http/date.h"
#include "lbd/http/head.h"
#include "lbd/http/normalize.h"
#include "lbd/http/reply.h"
#include "lbd/http/uri.h"
#include "lbd/http/value_list.h"

namespace {

using namespace lbd::http;

void within(std::string_view part, std::string_view whole) {
  if (part.data()) CHECK(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

template <typename Next>
void exhaust(std::string_view text, Next next) {
  size_t at = 0, count = 0, before = 0;
  for (Pair pair; next(at, pair); before = at) {
    CHECK(at > before || count == 0);
    CHECK(++count <= text.size() + 1);
    within(pair.name, text);
    within(pair.value, text);
  }
}

// Twice the same: what has been normalized needs it no more.
template <typename Normal>
void settled(std::string_view text, Normal normal) {
  const std::string once(normal(text));
  CHECK(normal(once) == once);
}

void normalize(std::string_view text) {
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  settled(text, [&](std::string_view t) { return encode_fragment(t, arena); });
  settled(text, [&](std::string_view t) { return strip_fragment(t); });
  settled(text, [&](std::string_view t) { return merge_slashes(t, arena); });
  settled(text, [&](std::string_view t) { return strip_dot(t, arena); });
  settled(text, [&](std::string_view t) { return strip_dotdot(t, true, arena); });
  CHECK(sort_query(text, arena).size() <= text.size());  // a last '&' is lost each time, as with HAProxy
  settled(text, [&](std::string_view t) { return uppercase_escapes(t, false, arena).value_or(""); });
  for (bool strict : {false, true}) {
    (void)decode_unreserved(text, strict, arena);
    (void)uppercase_escapes(text, strict, arena);
    (void)strip_dotdot(text, strict, arena);
  }
}

// Drops every other one, and empties those between. What was dropped is gone.
class Editor final : public CookieEditor {
 public:
  CookieEdit edit(std::string_view value) override {
    return ++asked % 2 ? CookieEdit{CookieEdit::Do::drop} : CookieEdit{CookieEdit::Do::replace, value.substr(0, 0)};
  }
  size_t asked = 0;
};

void edit(std::string_view field, std::string_view name, base::Arena& arena) {
  Editor editor, again;
  const std::string_view left = edit_cookies(field, name, editor, arena);
  CHECK(left.size() <= field.size() + 2);
  (void)edit_cookies(left, name, again, arena);
  CHECK(again.asked <= editor.asked / 2);
}

// A cookie that is found is one of those that are there.
void look_up(std::string_view text) {
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  Head head(arena);
  head.headers.add("cookie", text, Token::cookie);
  Pair first;
  if (size_t at = 0; next_cookie(text, at, first, false))
    CHECK(find_cookie(head.headers, first.name).size() <= text.size());
  edit(text, first.name, arena);
  head.headers.add("set-cookie", text, Token::set_cookie);
  head.headers.add("cache-control", text, Token::cache_control);
  head.status = 200;
  (void)cookie_is_cacheable(Method::get, head);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string_view path = path_of(text), query = query_of(text), authority = authority_of(text);
  for (std::string_view part : {path, query, authority, path_and_query_of(text), scheme_of(text)}) within(part, text);
  CHECK(path_and_query_of(text).starts_with(path));
  HostPort host = split_authority(text);
  within(host.host, text);
  within(host.port, text);
  within(url_param(text, "a"), text);
  within(url_param(text, "a", '/'), text);
  exhaust(text, [&](size_t& at, Pair& pair) { return next_param(text, at, pair); });
  exhaust(text, [&](size_t& at, Pair& pair) { return next_cookie(text, at, pair, false); });
  exhaust(text, [&](size_t& at, Pair& pair) { return next_cookie(text, at, pair, true); });
  exhaust(text, [&](size_t& at, Pair& pair) { return next_list_value(text, at, pair.value); });
  if (auto seconds = parse_date(text)) {
    char again[kDateSize];
    std::string_view printed(again, static_cast<size_t>(print_date(*seconds, again) - again));
    CHECK(parse_date(printed) == seconds);
  }
  normalize(text);
  look_up(text);
  (void)parse_error_file(std::string(text), 503, 1024);
  return 0;
}
