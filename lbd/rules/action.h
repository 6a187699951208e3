// Action: what a rule does, and the row that makes it known to http-request, http-response, tcp-request … . An action
// is parsed once into an immutable object; run() is called by every worker.
//
// A new action is one file in actions/ with its rows. Errors: at load, at the word, through Parse; at run time in the
// Outcome. Manual: 4.2, http-request and the like.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/registry.h"
#include "cfg/statement.h"
#include "lbd/expr/context.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/logformat_parser.h"
#include "lbd/rules/ruleset.h"

namespace lbd::rules {

class Action {
 public:
  virtual ~Action() = default;
  virtual Verdict run(expr::Transaction& transaction, Outcome& outcome) const = 0;
};

// Where a rule may stand.
namespace set {
inline constexpr uint32_t kTcpConnection = 1, kTcpSession = 2, kTcpContent = 4, kTcpResponse = 8, kHttpRequest = 16,
                          kHttpResponse = 32, kHttpAfterResponse = 64, kStats = 128,
                          kRedirect = 256,   // a line `redirect …` of its own
    kOldRequest = 512, kOldResponse = 1024;  // the old req… and rsp… lines
inline constexpr uint32_t kHttp = kHttpRequest | kHttpResponse | kHttpAfterResponse;
inline constexpr uint32_t kTcp = kTcpConnection | kTcpSession | kTcpContent | kTcpResponse;
}  // namespace set

// The words of one rule, behind the name of the action and before `if`; and what parsing needs.
class Parse {
 public:
  Parse(expr::CompileContext& c, ProxyRules& r, std::span<const cfg::Word> w, const cfg::Word& n, uint32_t k,
        expr::Phases p)
      : context(c), rules(r), errors(r.errors), words(w), name(n), kind(k), where(p) {}

  bool done() const { return at_ >= words.size(); }
  std::string_view peek() const { return done() ? std::string_view() : std::string_view(words[at_].text); }
  // The next word; an error that names `what` when there is none.
  const cfg::Word* take(std::string_view what);
  bool accept(std::string_view word);                   // takes it if it is next
  void error(std::string text, std::string hint = {});  // at the word taken last
  void error_at(const cfg::Word& word, std::string text, std::string hint = {}) { fail(word.loc, text, hint); }
  bool failed() const { return failed_; }
  void give_up() { failed_ = true; }  // after an error that somebody else reported
  // An expression from the next word.
  const expr::Expr* expression(std::string_view what);
  // A log format from the next word.
  const expr::LogFormat* format(std::string_view what, expr::TextFor use = expr::TextFor::message);
  const expr::LogFormat* format_of(const cfg::Word& word, expr::TextFor use = expr::TextFor::message);
  // What stands in the brackets of "set-var(txn.x)".
  std::string_view bracket() const;
  bool response() const { return kind == set::kHttpResponse || kind == set::kHttpAfterResponse; }

  expr::CompileContext& context;
  ProxyRules& rules;  // those of the section so far
  const ErrorPages& errors;
  std::span<const cfg::Word> words;
  const cfg::Word& name;
  const uint32_t kind;
  const expr::Phases where;

 private:
  void fail(const cfg::Location& at, std::string text, std::string hint);
  size_t at_ = 0;
  bool failed_ = false;
};

struct ActionRow {
  std::string_view name;  // "set-var" for set-var(txn.x)
  std::string_view doc;
  uint32_t sets = 0;
  bool final = false;                              // ends the set: what follows an unconditional one is never reached
  const Action* (*parse)(Parse& parse) = nullptr;  // null after an error
};
using Actions = base::Registered<ActionRow>;

// The head that an action of this kind edits; null when there is none.
inline http::Head* head_of(expr::Transaction& transaction, bool response) {
  return response ? transaction.response : transaction.request;
}
// A rewrite could not be carried out: in strict mode the answer is the page of an internal error.
inline Verdict rewrite_failed(const expr::Transaction& transaction, Outcome& outcome) {
  outcome.failed_rewrite = true;
  if (!transaction.strict_rewrites) return Verdict::next;
  outcome.internal_error = true;
  return Verdict::answer;
}
// A name in lower case, for ever.
std::string_view lower_name(Parse& parse, std::string_view name);

}  // namespace lbd::rules
