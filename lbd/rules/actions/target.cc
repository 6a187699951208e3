// set-path, set-pathq, set-query, set-uri, set-method, set-status and replace-path, replace-pathq, replace-uri: edits
// of the start line.
#include "base/strings.h"
#include "lbd/http/uri.h"
#include "lbd/rules/replacement.h"

namespace lbd::rules {
namespace {

enum class Part : uint8_t { path, path_and_query, query, uri };

// The target with one part of it exchanged.
std::string_view with_part(expr::Transaction& t, Part part, std::string_view text) {
  std::string_view target = t.request->target;
  if (part == Part::uri) return text;
  std::string_view path_and_query = http::path_and_query_of(target);
  std::string_view origin = path_and_query.data()
                                ? target.substr(0, static_cast<size_t>(path_and_query.data() - target.data()))
                                : std::string_view();
  size_t mark = path_and_query.find('?');
  std::string_view query = mark == std::string_view::npos ? std::string_view() : path_and_query.substr(mark);
  switch (part) {
    case Part::path:
      return t.arena.concat(origin, text, query);
    case Part::path_and_query:
      return t.arena.concat(origin, text);
    case Part::query: {
      // A '?' that is there stays.
      const size_t at = target.find('?');
      if (at != std::string_view::npos) return t.arena.concat(target.substr(0, at + 1), text);
      return text.empty() ? target : t.arena.concat(target, "?", text);
    }
    case Part::uri:
      break;
  }
  return target;
}

std::string_view part_of(const expr::Transaction& t, Part part) {
  std::string_view target = t.request->target;
  return part == Part::uri ? target : part == Part::path ? http::path_of(target) : http::path_and_query_of(target);
}

// A target that names a host names the one that is meant (RFC 9112, 3.2.2).
void set_target(expr::Transaction& t, Part part, std::string_view target) {
  t.request->target = target;
  if (part != Part::uri) return;
  const std::string_view host = http::authority_of(target);
  http::Header* field = host.empty() ? nullptr : t.request->headers.find(http::Token::host);
  if (field) field->value = host;
}

class SetPart final : public Action {
 public:
  SetPart(Part part, const expr::LogFormat* format) : part_(part), format_(format) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (t.request) set_target(t, part_, with_part(t, part_, format_->print(t)));
    return Verdict::next;
  }

 private:
  Part part_;
  const expr::LogFormat* format_;
};

class ReplacePart final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    if (!t.request) return Verdict::next;
    const std::string_view text = part_of(t, part);
    if (text.empty()) return Verdict::next;
    expr::TextBuilder result(t.arena, text.size());
    switch (replacement.run(t, text, result)) {
      case Replacement::Result::no_match:
        break;
      case Replacement::Result::failed:
        return rewrite_failed(t, outcome);
      case Replacement::Result::done:
        set_target(t, part, with_part(t, part, result.view()));
    }
    return Verdict::next;
  }
  Part part = Part::path;
  Replacement replacement;
};

class SetMethod final : public Action {
 public:
  explicit SetMethod(const expr::LogFormat* format) : format_(format) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (!t.request) return Verdict::next;
    t.request->method_text = format_->print(t);
    t.request->method = http::method_of(t.request->method_text);
    return Verdict::next;
  }

 private:
  const expr::LogFormat* format_;
};

class SetStatus final : public Action {
 public:
  SetStatus(uint16_t status, std::string_view reason) : status_(status), reason_(reason) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (!t.response) return Verdict::next;
    t.response->status = status_;
    t.response->reason = reason_.empty() ? http::reason_of(status_) : reason_;
    t.status = status_;
    return Verdict::next;
  }

 private:
  uint16_t status_;
  std::string_view reason_;
};

template <Part part>
const Action* parse_set(Parse& parse) {
  const expr::LogFormat* format = parse.format("a text");
  return format ? parse.context.storage.make<SetPart>(part, format) : nullptr;
}

template <Part part>
const Action* parse_replace(Parse& parse) {
  auto* action = parse.context.storage.make<ReplacePart>();
  action->part = part;
  return action->replacement.parse(parse) ? action : nullptr;
}

const Action* parse_method(Parse& parse) {
  const expr::LogFormat* format = parse.format("a method");
  return format ? parse.context.storage.make<SetMethod>(format) : nullptr;
}

const Action* parse_status(Parse& parse) {
  const cfg::Word* word = parse.take("a status");
  auto status = word ? base::parse_int<uint16_t>(word->text) : std::nullopt;
  if (word && (!status || *status < 100 || *status > 999)) parse.error("a status is a number from 100 to 999");
  std::string_view reason;
  if (parse.accept("reason")) {
    if (const cfg::Word* text = parse.take("a text")) reason = parse.context.storage.copy(text->text);
  }
  return parse.failed() ? nullptr : parse.context.storage.make<SetStatus>(*status, reason);
}

constexpr ActionRow kRows[] = {
    {"set-path", "Sets the path, the query stays.", set::kHttpRequest, false, parse_set<Part::path>},
    {"set-pathq", "Sets path and query.", set::kHttpRequest, false, parse_set<Part::path_and_query>},
    {"set-query", "Sets the query.", set::kHttpRequest, false, parse_set<Part::query>},
    {"set-uri", "Sets the whole target.", set::kHttpRequest, false, parse_set<Part::uri>},
    {"replace-path", "Rewrites the path by a regular expression.", set::kHttpRequest, false, parse_replace<Part::path>},
    {"replace-pathq", "Rewrites path and query by a regular expression.", set::kHttpRequest, false,
     parse_replace<Part::path_and_query>},
    {"replace-uri", "Rewrites the whole target by a regular expression.", set::kHttpRequest, false,
     parse_replace<Part::uri>},
    {"set-method", "Sets the method.", set::kHttpRequest, false, parse_method},
    {"set-status", "Sets the status of the response.", set::kHttpResponse | set::kHttpAfterResponse, false,
     parse_status},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
