#include "lbd/expr/condition.h"

#include <fmt/format.h>

#include "base/fd.h"
#include "base/strings.h"
#include "cfg/suggest.h"
#include "lbd/expr/trace.h"

namespace lbd::expr {
namespace {

// Predefined ACLs (manual 7.4), as the criterion that each stands for.
struct Predefined {
  std::string_view name;
  std::vector<std::string_view> words;
};
const std::vector<Predefined>& predefined() {
  static const std::vector<Predefined> all = {
      {"FALSE", {"always_false"}},
      {"TRUE", {"always_true"}},
      {"HTTP", {"req.proto_http"}},
      {"HTTP_1.0", {"req.ver", "1.0"}},
      {"HTTP_1.1", {"req.ver", "1.1"}},
      {"HTTP_2.0", {"req.ver", "2.0"}},
      {"HTTP_CONTENT", {"req.hdr_val(content-length)", "gt", "0"}},
      {"HTTP_URL_ABS", {"url_reg", "^[^/:]*://"}},
      {"HTTP_URL_SLASH", {"url_beg", "/"}},
      {"HTTP_URL_STAR", {"url", "*"}},
      {"LOCALHOST", {"src", "127.0.0.1/8", "::1"}},
      {"METH_CONNECT", {"method", "CONNECT"}},
      {"METH_DELETE", {"method", "DELETE"}},
      {"METH_GET", {"method", "GET", "HEAD"}},
      {"METH_HEAD", {"method", "HEAD"}},
      {"METH_OPTIONS", {"method", "OPTIONS"}},
      {"METH_POST", {"method", "POST"}},
      {"METH_PUT", {"method", "PUT"}},
      {"METH_TRACE", {"method", "TRACE"}},
      {"RDP_COOKIE", {"req.rdp_cookie_cnt", "gt", "0"}},
      {"REQ_CONTENT", {"req.len", "gt", "0"}},
      {"WAIT_END", {"wait_end"}},
  };
  return all;
}

const MatchRow* default_match(Type type) {
  switch (type) {
    case Type::boolean:
      return Matches::find("bool");
    case Type::integer:
      return Matches::find("int");
    case Type::ipv4:
    case Type::ipv6:
    case Type::address:
      return Matches::find("ip");
    default:
      return Matches::find("str");
  }
}

// path_beg is path with -m beg: the longest name that is a fetch, and the method behind its last '_'.
const FetchRow* derived_fetch(std::string_view name, const MatchRow*& match) {
  size_t bar = name.rfind('_');
  if (bar == std::string_view::npos) return nullptr;
  match = Matches::find(name.substr(bar + 1));
  return match ? Fetches::find(name.substr(0, bar)) : nullptr;
}

std::vector<std::string_view> texts_of(std::span<const cfg::Word> words) {
  std::vector<std::string_view> texts;
  for (const cfg::Word& word : words) texts.push_back(word.text);
  return texts;
}

class AclParser {
 public:
  AclParser(CompileContext& context, std::span<const cfg::Word> words, Phases where, std::string_view name = {})
      : context_(context), words_(words), where_(where) {
    acl_.name = context.storage.copy(name);
  }

  // Null after an error.
  const Acl* parse() {
    if (words_.empty()) return nullptr;
    if (!parse_criterion() || !parse_flags()) return nullptr;
    if (!match_) match_ = default_match(acl_.expr->type());
    acl_.match = match_->match;
    acl_.takes = match_->takes;
    acl_.valid = acl_.expr->valid();
    if (acl_.takes != Type::any && !castable(acl_.expr->type(), acl_.takes)) {
      context_.error(words_[0].loc,
                     fmt::format("type {} cannot be matched with '-m {}'", name_of(acl_.expr->type()), match_->name));
      return nullptr;
    }
    if (!parse_patterns()) return nullptr;
    acl_.location = words_[0].loc;
    acl_.criterion = context_.storage.copy(fmt::format("{}", fmt::join(texts_of(words_), " ")));
    return context_.storage.make<Acl>(acl_);
  }

 private:
  bool parse_criterion() {
    Text text(words_[0]);
    std::string_view name = leading_name(text.rest());
    const FetchRow* row = Fetches::find(name);
    if (!row) row = derived_fetch(name, match_);
    acl_.expr = row ? parse_expr(context_, text, where_, true, row) : parse_expr(context_, text, where_);
    at_ = 1;
    return acl_.expr != nullptr;
  }

  bool parse_flags() {
    for (; at_ < words_.size() && words_[at_].text.size() == 2 && words_[at_].text[0] == '-'; ++at_) {
      const cfg::Word& word = words_[at_];
      switch (word.text[1]) {
        case '-':
          ++at_;
          return true;
        case 'i':
          ignore_case_ = true;
          break;
        case 'n':
        case 'M':
          break;  // -n: no DNS, which we never ask here; -M: keys only, what a list of patterns is anyway
        case 'm':
        case 'f':
        case 'u': {
          if (at_ + 1 == words_.size()) {
            context_.error(word.loc, fmt::format("'{}' needs an argument", word.text));
            return false;
          }
          const cfg::Word& argument = words_[++at_];
          if (word.text == "-f") files_.push_back(&argument);
          if (word.text == "-m" && !set_match(argument)) return false;
          break;
        }
        default:
          return true;
      }
    }
    return true;
  }

  bool set_match(const cfg::Word& word) {
    match_ = Matches::find(word.text);
    if (match_) return true;
    std::vector<std::string_view> known;
    Matches::for_each([&](const MatchRow& row) { known.push_back(row.name); });
    context_.error(word.loc, fmt::format("unknown match method '{}'", word.text), cfg::did_you_mean(word.text, known));
    return false;
  }

  bool parse_patterns() {
    auto* set = context_.storage.make<PatternSet>(match_->match, ignore_case_);
    bool numbers = match_->match == Match::integer || match_->match == Match::length;
    std::string_view comparison = "eq";
    for (const cfg::Word* file : files_)
      if (!load(*file, *set)) return false;
    for (; at_ < words_.size(); ++at_) {
      const cfg::Word& word = words_[at_];
      bool is_operator = word == "eq" || word == "ge" || word == "gt" || word == "le" || word == "lt";
      if (numbers && is_operator) {
        comparison = word.text;
        continue;
      }
      std::string error = set->add(word.text, comparison);
      if (!error.empty()) {
        context_.error(word.loc, error);
        return false;
      }
    }
    if (!set->empty()) acl_.patterns = set;
    return true;
  }

  bool load(const cfg::Word& word, PatternSet& set) {
    auto content = base::read_file(word.text);
    if (!content) {
      context_.error(word.loc, fmt::format("cannot read patterns: {}", content.error().text));
      return false;
    }
    size_t number = 0;
    for (std::string_view line : base::split(*content, '\n')) {
      ++number;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      line = base::trim(line);
      if (line.empty() || line[0] == '#') continue;
      std::string error = set.add(line);
      if (error.empty()) continue;
      context_.error(word.loc, fmt::format("{}:{}: {}", word.text, number, error));
      return false;
    }
    return true;
  }

  CompileContext& context_;
  std::span<const cfg::Word> words_;
  Phases where_;
  size_t at_ = 0;
  Acl acl_;
  const MatchRow* match_ = nullptr;
  bool ignore_case_ = false;
  std::vector<const cfg::Word*> files_;
};

// `seen`: the sample that decided, or the last that was looked at; its type is `any` when there was none.
Truth evaluate(const Acl& acl, Transaction& transaction, Value& seen) {
  Cursor cursor;
  cursor.iterate = true;
  do {
    cursor.more = false;
    Value value;
    Found found = acl.expr->step(transaction, cursor, value);
    if (found == Found::later) return Truth::later;
    if (transaction.trace && found == Found::yes) seen = value;
    if (found == Found::no) continue;
    if (acl.match == Match::found) return Truth::yes;
    if (acl.takes != Type::any && !cast(value, acl.takes, transaction.arena)) continue;
    if (acl.match == Match::boolean ? value.integer != 0 : acl.patterns && acl.patterns->matches(value))
      return Truth::yes;
  } while (cursor.more);
  return cursor.may_change ? Truth::later : Truth::no;
}

Truth evaluate(const Acl& acl, Transaction& transaction) {
  Value seen;
  Truth truth = evaluate(acl, transaction, seen);
  if (!transaction.trace) return truth;
  std::string name = acl.name.empty() ? "" : fmt::format("{} ({}): ", acl.name, shown(acl.location));
  std::string value = seen.type == Type::any ? "there is no sample" : fmt::format("the sample is {}", shown(seen));
  transaction.trace->say(Trace::Depth::detail, "{}{}: {}: {}", name, acl.criterion, value,
                         truth == Truth::yes  ? "yes"
                         : truth == Truth::no ? "no"
                                              : "not known yet");
  return truth;
}

}  // namespace

void Acls::declare(CompileContext& context, const cfg::Statement& statement, Phases where) {
  if (statement.size() < 3) {
    context.error(statement.at(statement.size()), "acl needs a name and a criterion", "acl is_api path_beg /api");
    return;
  }
  std::string_view name = statement[1];
  if (name == "or" || name == "||" || name == "if" || name == "unless" || name == "!" || name == "{" || name == "}") {
    context.error(statement.words[1].loc, fmt::format("'{}' cannot be the name of an acl", name));
    return;
  }
  std::span<const cfg::Word> words(statement.words);
  const Acl* acl = AclParser(context, words.subspan(2), where, name).parse();
  auto& list = named_[std::string(name)];
  if (acl) list.push_back(acl);
}

const std::vector<const Acl*>* Acls::find(std::string_view name) const {
  auto it = named_.find(name);
  return it == named_.end() ? nullptr : &it->second;
}

std::vector<std::string_view> Acls::names() const {
  std::vector<std::string_view> all;
  for (const auto& [name, list] : named_) all.push_back(name);
  for (const Predefined& acl : predefined()) all.push_back(acl.name);
  return all;
}

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
  bool negated = false, ok = true;
  auto close_alternative = [&](const cfg::Location& where_at) {
    if (terms.empty() || negated) {
      context.error(where_at, "a condition is missing here");
      ok = false;
    }
    condition->alternatives_.push_back(std::move(terms));
    terms.clear();
  };
  auto add = [&](std::vector<const Acl*> any) {
    terms.push_back({negated, std::move(any)});
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
      const Acl* acl = AclParser(context, std::span(statement.words).subspan(i + 1, end - i - 1), where).parse();
      if (end == i + 1) context.error(word.loc, "an anonymous acl needs a criterion");
      if (!acl) return nullptr;
      add({acl});
      i = end;
      continue;
    }
    if (const auto* named = acls.find(text)) {
      add(*named);
      continue;
    }
    const Predefined* known = nullptr;
    for (const Predefined& acl : predefined())
      if (acl.name == text) known = &acl;
    if (!known) {
      context.error(word.at(word.text.size() - text.size(), text.size()), fmt::format("no such acl: '{}'", text),
                    cfg::did_you_mean(text, acls.names()));
      return nullptr;
    }
    auto* words = context.storage.make<std::vector<cfg::Word>>();
    for (std::string_view part : known->words) words->push_back({std::string(part), word.loc});
    const Acl* acl = AclParser(context, *words, where, known->name).parse();
    if (!acl) return nullptr;
    add({acl});
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
