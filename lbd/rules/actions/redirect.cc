// redirect location|prefix|scheme: as a rule of its own, in http-request and in http-response.
#include <fmt/core.h>

#include "base/strings.h"
#include "lbd/http/uri.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class Redirect final : public Action {
 public:
  enum class Kind : uint8_t { location, prefix, scheme };

  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    base::Arena& arena = t.arena;
    const std::string_view to = target->print(t);
    if (ignore_empty && to.empty()) return Verdict::next;
    auto* reply = arena.make<http::Reply>(arena);
    reply->status = status;
    reply->headers.add("location", location(t, to), http::Token::location);
    if (status == 302 || status == 303 || status == 307) reply->headers.add("cache-control", "no-cache");
    if (cookie) reply->headers.add("set-cookie", arena.concat(cookie->print(t), cookie_end), http::Token::set_cookie);
    outcome.reply = reply;
    outcome.redirected = true;
    outcome.cause = 'L';
    return Verdict::answer;
  }

  std::string_view location(expr::Transaction& t, std::string_view to) const {
    switch (kind) {
      case Kind::location:
        return keep_query ? with_query(t, to) : to;
      case Kind::prefix:  // "/" means the path itself
        return slashed(t, t.arena.concat(to == "/" ? std::string_view() : to, path(t)));
      case Kind::scheme:
        break;
    }
    const http::Header* host = t.request ? t.request->headers.find(http::Token::host) : nullptr;
    return slashed(t, t.arena.concat(to, "://", host ? host->value : std::string_view(), path(t)));
  }
  std::string_view path(const expr::Transaction& t) const {
    std::string_view whole = t.request ? http::path_and_query_of(t.request->target) : std::string_view();
    if (whole.empty() || whole == "*") whole = "/";
    return drop_query ? whole.substr(0, whole.find('?')) : whole;
  }
  std::string_view slashed(expr::Transaction& t, std::string_view text) const {
    if (!append_slash) return text;
    const size_t mark = std::min(text.find('?'), text.size());
    const std::string_view before = text.substr(0, mark);
    return before.ends_with('/') ? text : t.arena.concat(before, "/", text.substr(mark));
  }
  std::string_view with_query(expr::Transaction& t, std::string_view to) const {
    const std::string_view query = t.request ? http::query_of(t.request->target) : std::string_view();
    if (query.empty()) return to;
    return t.arena.concat(to, to.find('?') == std::string_view::npos ? "?" : "&", query);
  }

  Kind kind = Kind::location;
  uint16_t status = 302;
  bool drop_query = false, append_slash = false, keep_query = false, ignore_empty = false;
  const expr::LogFormat* target = nullptr;
  const expr::LogFormat* cookie = nullptr;
  std::string_view cookie_end;
};

class Parser {
 public:
  Parser(Parse& parse, Redirect& redirect) : parse_(parse), redirect_(redirect) {}

  void word() {
    if (parse_.accept("location") || parse_.accept("to")) {
      kind(Redirect::Kind::location, "a URL");
    } else if (parse_.accept("prefix")) {
      kind(Redirect::Kind::prefix, "a prefix");
    } else if (parse_.accept("scheme")) {
      kind(Redirect::Kind::scheme, "a scheme");
    } else if (parse_.accept("code")) {
      code();
    } else if (parse_.accept("drop-query")) {
      redirect_.drop_query = true;
    } else if (parse_.accept("append-slash")) {
      redirect_.append_slash = true;
    } else if (parse_.accept("keep-query")) {
      redirect_.keep_query = true;
    } else if (parse_.accept("ignore-empty")) {
      redirect_.ignore_empty = true;
    } else if (parse_.accept("set-cookie-fmt")) {
      cookie(parse_.format("NAME=value"), "; path=/;");
    } else if (parse_.accept("set-cookie")) {
      cookie(literal("NAME or NAME=value"), "; path=/;");
    } else if (parse_.accept("clear-cookie")) {
      cookie(literal("NAME or NAME="), "; path=/; Max-Age=0;");
    } else {
      const cfg::Word* word = parse_.take("nothing more");
      parse_.error_at(*word, fmt::format("'{}' is not a word of 'redirect'", word->text),
                      "there are location, prefix, scheme, code, drop-query, append-slash, keep-query, ignore-empty, "
                      "set-cookie, set-cookie-fmt and clear-cookie");
    }
  }

 private:
  void kind(Redirect::Kind kind, std::string_view what) {
    // The request's parts are what such a target is made of; of an answer there is no path.
    if (parse_.response() && kind != Redirect::Kind::location)
      return parse_.error("in http-response only 'location' can be used");
    redirect_.kind = kind;
    // A line `redirect` is older than %[…], which stays as it is there.
    redirect_.target = parse_.kind == set::kRedirect ? literal(what) : parse_.format(what);
  }

  const expr::LogFormat* literal(std::string_view what) {
    const cfg::Word* word = parse_.take(what);
    if (!word) return nullptr;
    auto* escaped = parse_.context.storage.make<cfg::Word>(*word);
    escaped->text.clear();
    for (char c : word->text) escaped->text.append(c == '%' ? 2 : 1, c);
    return parse_.format_of(*escaped);
  }

  void code() {
    const cfg::Word* word = parse_.take("a status");
    const auto status = word ? base::parse_int<uint16_t>(word->text) : std::nullopt;
    const bool known =
        status && (*status == 301 || *status == 302 || *status == 303 || *status == 307 || *status == 308);
    if (word && !known) parse_.error("a redirect has code 301, 302, 303, 307 or 308");
    if (known) redirect_.status = *status;
  }

  void cookie(const expr::LogFormat* value, std::string_view end) {
    redirect_.cookie = value;
    redirect_.cookie_end = end;
  }

  Parse& parse_;
  Redirect& redirect_;
};

const Action* parse_redirect(Parse& parse) {
  auto* redirect = parse.context.storage.make<Redirect>();
  Parser parser(parse, *redirect);
  while (!parse.done() && !parse.failed()) parser.word();
  if (!parse.failed() && !redirect->target) parse.error("'redirect' needs location, prefix or scheme");
  return parse.failed() ? nullptr : redirect;
}

constexpr ActionRow kRows[] = {
    {"redirect", "Answers with a redirect.", set::kHttpRequest | set::kHttpResponse | set::kRedirect, true,
     parse_redirect},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
