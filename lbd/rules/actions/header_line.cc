// The old family req* and rsp* (manual of HAProxy 1.8, 4.2): regular expressions on whole lines of a head, "Host: a" or
// "GET /a HTTP/1.1". What lbd/config could say with a modern rule it has translated; these are the others.
//
// Names of fields are lower-case here, and the patterns were written for "Host:" or "ETag:": a line is shown with the
// name as the pattern spells it, then as most programs spell it ("User-Agent"), then as it is.
#include <fmt/core.h>

#include "base/strings.h"
#include "lbd/expr/regex.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

// "user-agent" as "User-Agent".
std::string_view capitalised(std::string_view name, base::Arena& arena) {
  char* out = arena.alloc_chars(name.size());
  for (size_t i = 0; i < name.size(); ++i) {
    const bool first = i == 0 || name[i - 1] == '-';
    out[i] = first && name[i] >= 'a' && name[i] <= 'z' ? static_cast<char>(name[i] - 'a' + 'A') : name[i];
  }
  return {out, name.size()};
}

class HeaderLine : public Action {
 public:
  bool prepare(Parse& parse) {
    response_ = parse.kind == set::kOldResponse;
    const cfg::Word* pattern = parse.take("a regular expression");
    if (!pattern) return false;
    // reqirep, rspidel …
    auto regex = expr::Regex::compile(pattern->text, parse.name.text[3] == 'i');
    if (!regex) {
      parse.error(regex.error().text);
      return false;
    }
    regex_ = parse.context.storage.make<expr::Regex>(std::move(*regex));
    std::string_view spelled = pattern->text;
    if (spelled.starts_with('^')) spelled.remove_prefix(1);
    const size_t colon = spelled.find(':');
    if (colon != std::string_view::npos) spelled_ = parse.context.storage.copy(spelled.substr(0, colon));
    return true;
  }

 protected:
  bool matches(expr::Transaction& t, const http::Header& field, expr::Regex::Groups& groups) const {
    if (field.removed() || field.token == http::Token::content_length || field.token == http::Token::transfer_encoding)
      return false;  // where the message ends is not for rules to say
    if (base::iequals(spelled_, field.name) && match_named(t, spelled_, field, groups)) return true;
    return match_named(t, capitalised(field.name, t.arena), field, groups) || match_named(t, field.name, field, groups);
  }
  std::string_view first_line(expr::Transaction& t) const {
    const http::Head& head = *head_of(t, response_);
    const std::string_view version = head.version == http::Version::http_1_0 ? "HTTP/1.0" : "HTTP/1.1";
    if (!response_) return t.arena.concat(head.method_text, " ", head.target, " ", version);
    char digits[8];
    const std::string_view status(digits, static_cast<size_t>(fmt::format_to(digits, "{}", head.status) - digits));
    return t.arena.concat(version, " ", status, " ", head.reason);
  }
  // Whether any line matches.
  bool any(expr::Transaction& t) const {
    http::Head* head = head_of(t, response_);
    if (!head) return false;
    expr::Regex::Groups groups;
    if (regex_->match(first_line(t), 0, groups)) return true;
    for (const http::Header& field : head->headers)
      if (matches(t, field, groups)) return true;
    return false;
  }

  bool response_ = false;
  const expr::Regex* regex_ = nullptr;

 private:
  bool match_named(expr::Transaction& t, std::string_view name, const http::Header& field,
                   expr::Regex::Groups& groups) const {
    return regex_->match(t.arena.concat(name, ": ", field.value), 0, groups);
  }

  std::string_view spelled_;  // the field that the pattern begins with
};

class DeleteLines final : public HeaderLine {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    http::Head* head = head_of(t, response_);
    if (!head) return Verdict::next;
    expr::Regex::Groups groups;
    for (http::Header& field : head->headers)
      if (matches(t, field, groups)) field.name = {};
    return Verdict::next;
  }
};

class ReplaceLines final : public HeaderLine {
 public:
  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    http::Head* head = head_of(t, response_);
    if (!head) return Verdict::next;
    expr::Regex::Groups groups;
    if (regex_->match(first_line(t), 0, groups) && !set_first_line(t, *head, substitution->make(groups, t.arena)))
      outcome.failed_rewrite = true;
    for (http::Header& field : head->headers) {
      if (!matches(t, field, groups)) continue;
      const std::string_view line = substitution->make(groups, t.arena);
      const size_t colon = line.find(':');
      if (colon == std::string_view::npos || colon == 0) {
        outcome.failed_rewrite = true;
        continue;
      }
      char* name = t.arena.alloc_chars(colon);
      for (size_t i = 0; i < colon; ++i) name[i] = base::to_lower(line[i]);
      field = {{name, colon}, base::trim(line.substr(colon + 1)), http::token_of({name, colon})};
    }
    return Verdict::next;
  }
  const expr::Substitution* substitution = nullptr;

 private:
  // "METHOD TARGET VERSION" or "VERSION STATUS REASON"; the version stays.
  bool set_first_line(expr::Transaction& t, http::Head& head, std::string_view line) const {
    const size_t first = line.find(' '), second = line.find(' ', first + 1);
    if (first == std::string_view::npos || first == 0) return false;
    const std::string_view middle = line.substr(first + 1, second - first - 1);
    if (middle.empty()) return false;
    if (!response_) {
      head.method_text = line.substr(0, first);
      head.method = http::method_of(head.method_text);
      head.target = middle;
      return true;
    }
    const auto status = base::parse_int<uint16_t>(middle);
    if (!status || *status < 100 || *status > 999) return false;
    head.status = t.status = *status;
    head.reason = second == std::string_view::npos ? std::string_view() : line.substr(second + 1);
    return true;
  }
};

// deny, tarpit and allow, when any line matches.
class EndOnLine final : public HeaderLine {
 public:
  EndOnLine(const ErrorPages& errors, Verdict verdict, int status)
      : errors_(errors), verdict_(verdict), status_(status) {}
  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    if (!any(t)) return Verdict::next;
    if (status_) {
      outcome.reply = errors_.make(status_, t);
      outcome.denied = true;
    }
    return verdict_;
  }

 private:
  const ErrorPages& errors_;
  Verdict verdict_;
  int status_;  // 0: none
};

const Action* parse_delete(Parse& parse) {
  auto* action = parse.context.storage.make<DeleteLines>();
  return action->prepare(parse) ? action : nullptr;
}

const Action* parse_replace(Parse& parse) {
  auto* action = parse.context.storage.make<ReplaceLines>();
  if (!action->prepare(parse)) return nullptr;
  const cfg::Word* text = parse.take("a replacement");
  if (!text) return nullptr;
  auto substitution = expr::Substitution::compile(text->text);
  if (!substitution) {
    parse.error(substitution.error().text);
    return nullptr;
  }
  action->substitution = parse.context.storage.make<expr::Substitution>(std::move(*substitution));
  return action;
}

template <Verdict verdict, int request_status, int response_status>
const Action* parse_end(Parse& parse) {
  const int status = parse.kind == set::kOldResponse ? response_status : request_status;
  auto* action = parse.context.storage.make<EndOnLine>(parse.errors, verdict, status);
  return action->prepare(parse) ? action : nullptr;
}

constexpr auto parse_deny = parse_end<Verdict::answer, 403, 502>;
constexpr auto parse_tarpit = parse_end<Verdict::tarpit, 500, 500>;
constexpr auto parse_allow = parse_end<Verdict::accept, 0, 0>;

constexpr ActionRow kRows[] = {
    {"reqdel", "Old: deletes the lines of a request that match.", set::kOldRequest, false, parse_delete},
    {"reqidel", "Old: reqdel, whatever the case.", set::kOldRequest, false, parse_delete},
    {"reqrep", "Old: rewrites the lines of a request that match.", set::kOldRequest, false, parse_replace},
    {"reqirep", "Old: reqrep, whatever the case.", set::kOldRequest, false, parse_replace},
    {"reqdeny", "Old: refuses a request with a line that matches.", set::kOldRequest, true, parse_deny},
    {"reqideny", "Old: reqdeny, whatever the case.", set::kOldRequest, true, parse_deny},
    {"reqtarpit", "Old: refuses it after timeout tarpit.", set::kOldRequest, true, parse_tarpit},
    {"reqitarpit", "Old: reqtarpit, whatever the case.", set::kOldRequest, true, parse_tarpit},
    {"reqallow", "Old: lets a request with a line that matches pass.", set::kOldRequest, true, parse_allow},
    {"reqiallow", "Old: reqallow, whatever the case.", set::kOldRequest, true, parse_allow},
    {"rspdel", "Old: deletes the lines of an answer that match.", set::kOldResponse, false, parse_delete},
    {"rspidel", "Old: rspdel, whatever the case.", set::kOldResponse, false, parse_delete},
    {"rsprep", "Old: rewrites the lines of an answer that match.", set::kOldResponse, false, parse_replace},
    {"rspirep", "Old: rsprep, whatever the case.", set::kOldResponse, false, parse_replace},
    {"rspdeny", "Old: refuses an answer with a line that matches.", set::kOldResponse, true, parse_deny},
    {"rspideny", "Old: rspdeny, whatever the case.", set::kOldResponse, true, parse_deny},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
