#include "lbd/rules/replacement.h"

namespace lbd::rules {

bool Replacement::parse(Parse& parse) {
  const cfg::Word* pattern = parse.take("a regular expression");
  if (!pattern) return false;
  auto regex = expr::Regex::compile(pattern->text, false);
  if (!regex) {
    parse.error(regex.error().text);
    return false;
  }
  regex_.emplace(std::move(*regex));
  format_ = parse.format("a replacement");
  if (!format_ || !format_->is_constant()) return format_ != nullptr;
  auto substitution = expr::Substitution::compile(format_->constant());
  if (!substitution) {
    parse.error(substitution.error().text);
    return false;
  }
  ready_ = std::move(*substitution);
  return true;
}

Replacement::Result Replacement::run(expr::Transaction& t, std::string_view subject, expr::TextBuilder& to) const {
  expr::Regex::Groups groups;
  if (!regex_->match(subject, 0, groups)) return Result::no_match;
  if (ready_) {
    ready_->append(groups, to);
    return Result::done;
  }
  auto substitution = expr::Substitution::compile(format_->print(t));
  if (!substitution) return Result::failed;
  substitution->append(groups, to);
  return Result::done;
}

}  // namespace lbd::rules
