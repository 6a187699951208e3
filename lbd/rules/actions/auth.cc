// auth: asks for a user and a password, by 401 or 407.
#include "lbd/rules/auth.h"

#include <fmt/core.h>

#include "lbd/expr/credentials.h"

namespace lbd::rules {
namespace {

class Auth final : public Action {
 public:
  Auth(const ErrorPages& errors, std::string_view realm, const config::UserList* unless)
      : errors_(errors), challenge_(fmt::format("Basic realm=\"{}\"", realm)), unless_(unless) {}

  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    if (unless_ && expr::authenticate(*unless_, expr::credentials_of(t))) return Verdict::next;
    const bool proxy = expr::asks_a_proxy(t);
    const std::string_view name = proxy ? "proxy-authenticate" : "www-authenticate";
    outcome.reply = errors_.make(proxy ? 407 : 401, t);
    outcome.reply->headers.remove(name);
    outcome.reply->headers.add(name, challenge_);
    outcome.cause = 'L';
    t.count(config::DataEvent::error);
    return Verdict::answer;
  }

 private:
  const ErrorPages& errors_;
  const std::string challenge_;
  const config::UserList* unless_;
};

// A realm that the line does not name is the section's own name, or the page's.
const Action* parse_auth(Parse& parse) {
  std::string_view realm =
      parse.kind == set::kStats ? std::string_view("HAProxy Statistics") : parse.context.proxy.name;
  if (parse.accept("realm")) {
    const cfg::Word* word = parse.take("a realm");
    if (!word) return nullptr;
    realm = word->text;
  }
  return ask_for_password(parse.context.storage, parse.errors, realm);
}

constexpr ActionRow kRows[] = {
    {"auth", "Asks for a user and a password.", set::kHttpRequest | set::kStats, true, parse_auth},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace

const Action* ask_for_password(expr::Storage& storage, const ErrorPages& errors, std::string_view realm,
                               const config::UserList* unless) {
  return storage.make<Auth>(errors, realm, unless);
}

}  // namespace lbd::rules
