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
    std::string_view to = target->print(t);
    std::string_view where = kind == Kind::location ? to
                             : kind == Kind::prefix ? with_prefix(t, to)
                                                    : with_scheme(t, to);
    auto* reply = new (arena.alloc(sizeof(http::Reply), alignof(http::Reply))) http::Reply(arena);
    reply->status = status;
    reply->headers.add("location", where, http::Token::location);
    if (status == 302 || status == 303 || status == 307) reply->headers.add("cache-control", "no-cache");
    if (!cookie.empty()) reply->headers.add("set-cookie", cookie, http::Token::set_cookie);
    outcome.reply = reply;
    outcome.redirected = true;
    outcome.cause = 'L';
    return Verdict::answer;
  }

  std::string_view path(const expr::Transaction& t) const {
    std::string_view whole = t.request ? http::path_and_query_of(t.request->target) : std::string_view("/");
    return drop_query ? whole.substr(0, whole.find('?')) : whole;
  }
  std::string_view slashed(expr::Transaction& t, std::string_view text) const {
    if (!append_slash) return text;
    size_t mark = text.find('?');
    std::string_view before = text.substr(0, mark);
    if (before.ends_with('/')) return text;
    return t.arena.concat(before, "/", mark == std::string_view::npos ? std::string_view() : text.substr(mark));
  }
  // "/" as a prefix means the path itself.
  std::string_view with_prefix(expr::Transaction& t, std::string_view to) const {
    return slashed(t, t.arena.concat(to == "/" ? std::string_view() : to, path(t)));
  }
  std::string_view with_scheme(expr::Transaction& t, std::string_view to) const {
    const http::Header* host = t.request ? t.request->headers.find(http::Token::host) : nullptr;
    return slashed(t, t.arena.concat(to, "://", host ? host->value : std::string_view(), path(t)));
  }

  Kind kind = Kind::location;
  uint16_t status = 302;
  bool drop_query = false, append_slash = false;
  const expr::LogFormat* target = nullptr;
  std::string_view cookie;
};

const Action* parse_redirect(Parse& parse) {
  auto* redirect = parse.context.storage.make<Redirect>();
  while (!parse.done() && !parse.failed()) {
    if (parse.accept("location") || parse.peek() == "to") {
      parse.accept("to");
      redirect->kind = Redirect::Kind::location;
      redirect->target = parse.format("a URL");
    } else if (parse.accept("prefix")) {
      redirect->kind = Redirect::Kind::prefix;
      redirect->target = parse.format("a prefix");
    } else if (parse.accept("scheme")) {
      redirect->kind = Redirect::Kind::scheme;
      redirect->target = parse.format("a scheme");
    } else if (parse.accept("code")) {
      const cfg::Word* word = parse.take("a status");
      auto status = word ? base::parse_int<uint16_t>(word->text) : std::nullopt;
      bool known = status && (*status == 301 || *status == 302 || *status == 303 || *status == 307 || *status == 308);
      if (word && !known) parse.error("a redirect has code 301, 302, 303, 307 or 308");
      if (known) redirect->status = *status;
    } else if (parse.accept("drop-query")) {
      redirect->drop_query = true;
    } else if (parse.accept("append-slash")) {
      redirect->append_slash = true;
    } else if (parse.accept("set-cookie")) {
      if (const cfg::Word* word = parse.take("NAME or NAME=value"))
        redirect->cookie = parse.context.storage.copy(
            fmt::format("{}{}; path=/;", word->text, word->text.find('=') == std::string::npos ? "=" : ""));
    } else if (parse.accept("clear-cookie")) {
      if (const cfg::Word* word = parse.take("NAME"))
        redirect->cookie = parse.context.storage.copy(
            fmt::format("{}{}; path=/; Max-Age=0;", word->text, word->text.find('=') == std::string::npos ? "=" : ""));
    } else {
      const cfg::Word* word = parse.take("nothing more");
      parse.error_at(*word, fmt::format("'{}' is not a word of 'redirect'", word->text),
                     "there are location, prefix, scheme, code, drop-query, append-slash, set-cookie, clear-cookie");
    }
  }
  if (!parse.failed() && !redirect->target) parse.error("'redirect' needs location, prefix or scheme");
  return parse.failed() ? nullptr : redirect;
}

constexpr ActionRow kRows[] = {
    {"redirect", "Answers with a redirect.", set::kHttpRequest | set::kHttpResponse, true, parse_redirect},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
