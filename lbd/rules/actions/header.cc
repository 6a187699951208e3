// set-header, add-header, del-header, replace-header, replace-value: edits of header fields.
#include <fmt/core.h>

#include "base/strings.h"
#include "lbd/expr/pattern.h"
#include "lbd/expr/regex.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

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
      if (!header.removed() && patterns->matches(expr::Value::of_text(header.name))) header.name = {};
    return Verdict::next;
  }
  bool response = false;
  std::string_view name;
  const expr::PatternSet* patterns = nullptr;  // -m str|beg|end|sub|reg
};

class ReplaceHeader final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    http::Head* head = head_of(t, response);
    if (!head) return Verdict::next;
    for (http::Header& header : head->headers)
      if (!header.removed() && header.name == name)
        header.value = each_value ? values(t, header.value) : one(t, header.value);
    return Verdict::next;
  }
  std::string_view one(expr::Transaction& t, std::string_view value) const {
    expr::Regex::Groups groups;
    if (!regex->match(value, 0, groups)) return value;
    return substitute(t, groups);
  }
  std::string_view substitute(expr::Transaction& t, const expr::Regex::Groups& groups) const {
    auto text = expr::Substitution::compile(format->print(t));
    return text ? text->make(groups, t.arena) : std::string_view();
  }
  std::string_view values(expr::Transaction& t, std::string_view list) const {
    expr::TextBuilder result(t.arena, list.size());
    size_t from = 0;
    while (from <= list.size()) {
      size_t comma = list.find(',', from);
      std::string_view piece = base::trim(list.substr(from, comma == std::string_view::npos ? comma : comma - from));
      if (from > 0) result.append(", ");
      result.append(one(t, piece));
      if (comma == std::string_view::npos) break;
      from = comma + 1;
    }
    return result.view();
  }
  bool response = false, each_value = false;
  std::string_view name;
  const expr::Regex* regex = nullptr;
  const expr::LogFormat* format = nullptr;
};

const Action* parse_set(Parse& parse) {
  auto* action = parse.context.storage.make<SetHeader>();
  action->response = parse.response();
  action->replace = parse.name == "set-header";
  const cfg::Word* name = parse.take("the name of a header field");
  if (!name) return nullptr;
  action->name = lower_name(parse, name->text);
  action->token = http::token_of(action->name);
  action->value = parse.format("a value");
  return parse.failed() ? nullptr : action;
}

const Action* parse_del(Parse& parse) {
  auto* action = parse.context.storage.make<DelHeader>();
  action->response = parse.response();
  const cfg::Word* name = parse.take("the name of a header field");
  if (!name) return nullptr;
  action->name = lower_name(parse, name->text);
  if (!parse.accept("-m")) return action;
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
  const cfg::Word* pattern = name ? parse.take("a regular expression") : nullptr;
  if (!pattern) return nullptr;
  action->name = lower_name(parse, name->text);
  auto regex = expr::Regex::compile(pattern->text, false);
  if (!regex) {
    parse.error(regex.error().text);
    return nullptr;
  }
  action->regex = parse.context.storage.make<expr::Regex>(std::move(*regex));
  action->format = parse.format("a replacement");
  return parse.failed() ? nullptr : action;
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
