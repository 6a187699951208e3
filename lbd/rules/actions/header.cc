// set-header, add-header, del-header, replace-header, replace-value: edits of header fields.
#include <fmt/core.h>

#include "base/strings.h"
#include "lbd/expr/pattern.h"
#include "lbd/rules/replacement.h"

namespace lbd::rules {
namespace {

bool is_framing(http::Token token) {
  return token == http::Token::content_length || token == http::Token::transfer_encoding;
}

class SetHeader final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    http::Head* head = head_of(t, response);
    if (!head) return Verdict::next;
    std::string_view text = value->print(t);
    if (replace) head->headers.remove(name);
    head->headers.add(name, text, token);
    return Verdict::next;
  }
  bool response = false, replace = false;
  std::string_view name;
  http::Token token = http::Token::other;
  const expr::LogFormat* value = nullptr;
};

class DelHeader final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    http::Head* head = head_of(t, response);
    if (!head) return Verdict::next;
    if (!patterns) {
      head->headers.remove(name);
      return Verdict::next;
    }
    for (http::Header& header : head->headers)
      if (!header.removed() && !is_framing(header.token) && patterns->matches(expr::Value::of_text(header.name)))
        header.name = {};
    return Verdict::next;
  }
  bool response = false;
  std::string_view name;
  const expr::PatternSet* patterns = nullptr;  // -m str|beg|end|sub|reg
};

class ReplaceHeader final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    http::Head* head = head_of(t, response);
    if (!head) return Verdict::next;
    for (http::Header& header : head->headers) {
      if (header.removed() || header.name != name) continue;
      expr::TextBuilder result(t.arena, header.value.size());
      const auto done = each_value ? values(t, header.value, result) : replacement.run(t, header.value, result);
      if (done == Replacement::Result::failed) return rewrite_failed(t, outcome);
      if (done == Replacement::Result::done) header.value = result.view();
    }
    return Verdict::next;
  }
  // A value that matches is replaced together with the blanks around it; the others stay as they are.
  Replacement::Result values(expr::Transaction& t, std::string_view list, expr::TextBuilder& result) const {
    auto all = Replacement::Result::no_match;
    for (size_t from = 0; from <= list.size();) {
      const size_t comma = std::min(list.find(',', from), list.size());
      const std::string_view piece = list.substr(from, comma - from);
      if (from > 0) result.append(",");
      const auto one = replacement.run(t, base::trim(piece), result);
      if (one == Replacement::Result::failed) return one;
      if (one == Replacement::Result::done) all = one;
      if (one == Replacement::Result::no_match) result.append(piece);
      from = comma + 1;
    }
    return all;
  }
  bool response = false, each_value = false;
  std::string_view name;
  Replacement replacement;
};

class Nothing final : public Action {
 public:
  Verdict run(expr::Transaction&, Outcome&) const override { return Verdict::next; }
};

// Where a message ends is not for rules to say: the other side would wait for what never comes, or take the rest for
// the next message.
const Action* unless_framing(Parse& parse, std::string_view name, const Action* action) {
  if (!is_framing(http::token_of(name))) return action;
  parse.context.diagnostics.report(cfg::Severity::advice, parse.name.loc,
                                   fmt::format("'{}' says where the message ends: no rule changes it", name));
  return parse.context.storage.make<Nothing>();
}

const Action* parse_set(Parse& parse) {
  auto* action = parse.context.storage.make<SetHeader>();
  action->response = parse.response();
  action->replace = parse.name == "set-header";
  const cfg::Word* name = parse.take("the name of a header field");
  if (!name) return nullptr;
  action->name = lower_name(parse, name->text);
  action->token = http::token_of(action->name);
  action->value = parse.format("a value");
  return parse.failed() ? nullptr : unless_framing(parse, action->name, action);
}

const Action* parse_del(Parse& parse) {
  auto* action = parse.context.storage.make<DelHeader>();
  action->response = parse.response();
  const cfg::Word* name = parse.take("the name of a header field");
  if (!name) return nullptr;
  action->name = lower_name(parse, name->text);
  if (!parse.accept("-m")) return unless_framing(parse, action->name, action);
  const cfg::Word* method = parse.take("a match method: str, beg, end, sub, reg");
  const expr::MatchRow* row = method ? expr::Matches::find(method->text) : nullptr;
  if (method && (!row || row->takes != expr::Type::string || row->match == expr::Match::length)) {
    parse.error(fmt::format("'{}' is not a match method for names", method->text), "there are str, beg, end, sub, reg");
  }
  if (parse.failed()) return nullptr;
  auto* patterns = parse.context.storage.make<expr::PatternSet>(row->match, true);
  std::string error = patterns->add(name->text);
  if (!error.empty()) {
    parse.error_at(*name, error);
    return nullptr;
  }
  action->patterns = patterns;
  return action;
}

const Action* parse_replace(Parse& parse) {
  auto* action = parse.context.storage.make<ReplaceHeader>();
  action->response = parse.response();
  action->each_value = parse.name == "replace-value";
  const cfg::Word* name = parse.take("the name of a header field");
  if (!name || !action->replacement.parse(parse)) return nullptr;
  action->name = lower_name(parse, name->text);
  return unless_framing(parse, action->name, action);
}

constexpr ActionRow kRows[] = {
    {"set-header", "Sets a header field, in place of all of that name.", set::kHttp, false, parse_set},
    {"add-header", "Adds a header field.", set::kHttp, false, parse_set},
    {"del-header", "Removes the header fields of a name, or of names that match.", set::kHttp, false, parse_del},
    {"replace-header", "Rewrites the values of a header field by a regular expression.", set::kHttp, false,
     parse_replace},
    {"replace-value", "The same for each of the values between commas.", set::kHttp, false, parse_replace},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
