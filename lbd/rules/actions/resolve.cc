// do-resolve: asks DNS for the address of a name that an expression gives; the exchange waits for it.
#include <fmt/core.h>

#include "base/strings.h"
#include "lbd/dns/lookup.h"
#include "lbd/dns/message.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/process.h"
#include "lbd/expr/trace.h"
#include "lbd/expr/vars.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

using expr::Trace;

class DoResolve;

// The only errand that rules send. A rule set that begins anew may have left the one of another rule behind.
struct Asked final : dns::Lookup {
  using Lookup::Lookup;
  const DoResolve* by = nullptr;
};

class DoResolve final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (auto* errand = static_cast<const Asked*>(t.errand.get()); errand && errand->by == this) {
      if (!errand->done()) return Verdict::wait;
      store(t, errand->found);
      t.errand.reset();
      return Verdict::next;
    }
    expr::Value value;
    if (expr->eval_as(expr::Type::string, t, value) != expr::Found::yes) return Verdict::next;
    auto host = dns::canonical_name(value.view());
    dns::Lookups* lookups = t.process ? t.process->lookups : nullptr;
    if (!host || !lookups) {
      say(t, value.view(), host ? "nobody is asked" : "is no name");
      return Verdict::next;
    }
    if (auto known = lookups->cache(*section).find(*host, prefer, t.now)) {
      store(t, known);
      return Verdict::next;
    }
    if (expr::dry(t) || !t.home) {
      say(t, *host, "would be asked for");
      return Verdict::next;
    }
    auto lookup = std::make_shared<Asked>(*t.home, *t.waits, std::move(*host), prefer);
    lookup->by = this;
    t.errand.set(lookup);
    lookups->ask(*section, std::move(lookup));
    return Verdict::wait;
  }

  std::string_view text;  // the name of the variable as written
  expr::VarName name;
  const config::Resolvers* section = nullptr;
  base::Family prefer = base::Family::v6;
  const expr::Expr* expr = nullptr;

 private:
  void store(expr::Transaction& t, const std::optional<base::IpAddr>& ip) const {
    if (!ip) return say(t, text, "is not set: the name has no address");
    expr::Value value;
    value.set_ip(*ip);
    expr::set_var(t, name, value, {});
    if (t.trace) t.trace->say(Trace::Depth::detail, "{} = {}", text, expr::shown(value));
  }
  void say(expr::Transaction& t, std::string_view what, std::string_view how) const {
    if (t.trace) t.trace->say(Trace::Depth::detail, "{} {} (resolvers {})", what, how, section->name);
  }
};

// do-resolve(VAR,RESOLVERS[,ipv4|ipv6]) EXPRESSION
const Action* parse_resolve(Parse& parse) {
  const std::vector<std::string_view> parts = base::split(parse.bracket(), ',');
  const std::string_view family = parts.size() == 3 ? base::trim(parts[2]) : "ipv6";
  if (parts.size() < 2 || parts.size() > 3 || (family != "ipv4" && family != "ipv6")) {
    parse.error_at(parse.name, "do-resolve does not understand what is in its brackets",
                   "do-resolve(VARIABLE,RESOLVERS[,ipv4|ipv6]) EXPRESSION");
    return nullptr;
  }
  auto* action = parse.context.storage.make<DoResolve>();
  auto name = expr::parse_var_name(base::trim(parts[0]));
  if (!name) {
    parse.error_at(parse.name, fmt::format("'{}' is not the name of a variable", base::trim(parts[0])),
                   "do-resolve(txn.name,…); scopes are proc, sess, txn, req, res");
    return nullptr;
  }
  action->text = parse.context.storage.copy(base::trim(parts[0]));
  action->name = *name;
  action->prefer = family == "ipv4" ? base::Family::v4 : base::Family::v6;
  action->section = parse.context.config.find_resolvers(base::trim(parts[1]));
  if (!action->section) {
    parse.error_at(parse.name, fmt::format("unable to find the resolvers '{}'", base::trim(parts[1])));
    return nullptr;
  }
  if (const cfg::Word* word = parse.take("an expression"))
    action->expr = expr::parse_expr(parse.context, *word, parse.where);
  return parse.failed() || !action->expr ? nullptr : action;
}

constexpr ActionRow kRows[] = {
    {"do-resolve", "Asks DNS for the address of a name and stores it in a variable.",
     set::kHttpRequest | set::kTcpContent, false, parse_resolve},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
