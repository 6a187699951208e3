#include "lbd/expr/condition.h"

#include <fmt/core.h>

#include <algorithm>

#include "cfg/suggest.h"

namespace lbd::expr {

namespace {

// Takes out what cannot match here, and says so once for a condition, as HAProxy does.
std::vector<const Acl*> usable(CompileContext& context, const cfg::Word& word, std::string_view name,
                               const std::vector<const Acl*>& any, Phases where, bool& warned) {
  std::vector<const Acl*> left;
  const Acl* misplaced = nullptr;
  for (const Acl* acl : any) {
    if (acl->valid & where)
      left.push_back(acl);
    else if (!misplaced)
      misplaced = acl;
  }
  if (!misplaced || warned) return left;
  warned = true;
  std::string_view keyword = leading_name(misplaced->expr->text());
  std::string place(name_of_phase(where));
  if (name.empty())
    context.warning(word.loc,
                    fmt::format("this acl will never match because '{}' does not exist in a {}", keyword, place));
  else if (left.empty())
    context.warning(word.loc, fmt::format("acl '{}' will never match because it needs what does not exist in a {}: {}",
                                          name, place, keyword));
  else
    context.warning(word.loc,
                    fmt::format("acl '{}' involves '{}', which does not exist in a {}", name, keyword, place));
  return left;
}

// HAProxy says nothing of it.
void judge(CompileContext& context, const cfg::Word& word, bool negated, const std::vector<const Acl*>& any,
           bool other_negated, const std::vector<const Acl*>& other) {
  const bool same = !any.empty() && any == other && negated != other_negated;
  const bool exclusive =
      !negated && !other_negated && !any.empty() && !other.empty() &&
      std::all_of(any.begin(), any.end(), [&](const Acl* one) {
        return std::all_of(other.begin(), other.end(), [&](const Acl* two) { return exclude_each_other(*one, *two); });
      });
  if (same || exclusive)
    context.diagnostics.report(cfg::Severity::advice, word.loc,
                               "this never holds together with what stands before it in this condition",
                               "blanks mean 'and'; alternatives are joined by 'or'");
}

}  // namespace

const Condition* Condition::parse(CompileContext& context, const Acls& acls, const cfg::Statement& statement,
                                  size_t from, Phases where) {
  if (from >= statement.size()) return nullptr;
  if (statement[from] != "if" && statement[from] != "unless") {
    context.error(statement.words[from].loc,
                  fmt::format("'if' or 'unless' is expected here, not '{}'", statement[from]));
    return nullptr;
  }
  auto* condition = context.storage.make<Condition>();
  condition->unless_ = statement[from] == "unless";
  std::vector<Term> terms;
  bool negated = false, ok = true, warned = false;
  auto close_alternative = [&](const cfg::Location& where_at) {
    if (terms.empty() || negated) {
      context.error(where_at, "a condition is missing here");
      ok = false;
    }
    condition->alternatives_.push_back(std::move(terms));
    terms.clear();
  };
  auto add = [&](const cfg::Word& word, std::string_view name, const std::vector<const Acl*>& any) {
    Term term{negated, usable(context, word, name, any, where, warned)};
    for (const Term& before : terms) judge(context, word, negated, term.any, before.negated, before.any);
    terms.push_back(std::move(term));
    negated = false;
  };
  for (size_t i = from + 1; i < statement.size() && ok; ++i) {
    const cfg::Word& word = statement.words[i];
    std::string_view text = word.text;
    if (text == "or" || text == "||") {
      close_alternative(word.loc);
      continue;
    }
    while (!text.empty() && text.front() == '!') {
      negated = !negated;
      text.remove_prefix(1);
    }
    if (text.empty()) continue;
    if (text == "{") {
      size_t end = i + 1;
      while (end < statement.size() && statement[end] != "}") ++end;
      if (end == statement.size()) {
        context.error(word.loc, "this '{' has no '}' with blanks around it");
        return nullptr;
      }
      const Acl* acl = parse_acl(context, std::span(statement.words).subspan(i + 1, end - i - 1), where);
      if (end == i + 1) context.error(word.loc, "an anonymous acl needs a criterion");
      if (!acl) return nullptr;
      add(statement.words[i + 1], {}, {acl});
      i = end;
      continue;
    }
    if (const auto* named = acls.find(text)) {
      add(word, text, *named);
      continue;
    }
    std::span<const std::string_view> known = predefined_acl(text);
    if (known.empty()) {
      context.error(word.at(word.text.size() - text.size(), text.size()), fmt::format("no such acl: '{}'", text),
                    cfg::did_you_mean(text, acls.names()));
      return nullptr;
    }
    auto* words = context.storage.make<std::vector<cfg::Word>>();
    for (std::string_view part : known) words->push_back({std::string(part), word.loc});
    const Acl* acl = parse_acl(context, *words, where, text);
    if (!acl) return nullptr;
    add(word, text, {acl});
  }
  if (!ok) return nullptr;
  close_alternative(statement.at(statement.size()));
  return ok ? condition : nullptr;
}

Truth Condition::evaluate(Transaction& transaction) const {
  Truth result = Truth::no;
  for (const auto& terms : alternatives_) {
    Truth all = Truth::yes;
    for (const Term& term : terms) {
      Truth any = Truth::no;
      for (const Acl* acl : term.any) {
        Truth one = expr::evaluate(*acl, transaction);
        if (one == Truth::no) continue;
        any = one;
        if (one == Truth::yes) break;
      }
      if (any != Truth::later && term.negated) any = any == Truth::yes ? Truth::no : Truth::yes;
      if (any == Truth::yes) continue;
      all = any;
      break;
    }
    if (all == Truth::later) return Truth::later;
    if (all == Truth::no) continue;
    result = Truth::yes;
    break;
  }
  return unless_ ? (result == Truth::yes ? Truth::no : Truth::yes) : result;
}

}  // namespace lbd::expr
