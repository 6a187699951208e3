// deny, tarpit, return: answers of our own, with a status, a body from the line or a file, and header fields.
#include <fmt/core.h>

#include <charconv>

#include "base/fd.h"
#include "base/strings.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class Answer final : public Action {
 public:
  Verdict run(expr::Transaction& transaction, Outcome& outcome) const override {
    base::Arena& arena = transaction.arena;
    http::Reply* reply;
    if (page) {
      reply = errors->make(status, arena);
    } else {
      reply = new (arena.alloc(sizeof(http::Reply), alignof(http::Reply))) http::Reply(arena);
      reply->status = static_cast<uint16_t>(status);
      reply->body = formatted ? formatted->print(transaction) : body;
    }
    for (const auto& [name, value] : fields) reply->headers.add(name, value->print(transaction));
    if (!page) {  // in HAProxy's order: fields of the rule, length, type
      char* digits = arena.alloc_chars(20);
      char* end = std::to_chars(digits, digits + 20, reply->body.size()).ptr;
      reply->headers.add("content-length", {digits, end}, http::Token::content_length);
      if (!reply->body.empty() && !content_type.empty())
        reply->headers.add("content-type", content_type, http::Token::content_type);
    }
    outcome.reply = reply;
    outcome.denied = denied;
    outcome.cause = denied ? 'P' : 'L';
    return verdict;
  }

  Verdict verdict = Verdict::answer;
  bool denied = false, page = true;
  int status = 403;
  const ErrorPages* errors = nullptr;
  std::string_view body, content_type;
  const expr::LogFormat* formatted = nullptr;
  std::vector<std::pair<std::string_view, const expr::LogFormat*>> fields;
};

bool read_body(Parse& parse, Answer& answer, const cfg::Word& path, bool as_format) {
  auto content = base::read_file(path.text);
  if (!content) {
    parse.error(fmt::format("cannot read the body: {}", content.error().text));
    return false;
  }
  std::string_view text = parse.context.storage.copy(*content);
  answer.page = false;
  if (!as_format) {
    answer.body = text;
    return true;
  }
  auto* word = parse.context.storage.make<cfg::Word>();
  word->text = text;
  word->loc = path.loc;
  size_t before = parse.context.diagnostics.errors();
  answer.formatted = parse.context.storage.make<expr::LogFormat>(
      expr::parse_logformat(parse.context, *word, parse.where, expr::TextFor::message));
  return parse.context.diagnostics.errors() == before;
}

// The words that deny, tarpit and return have in common.
bool parse_words(Parse& parse, Answer& answer) {
  bool is_return = !answer.denied;
  while (!parse.done() && !parse.failed()) {
    if (parse.accept("status") || (!is_return && parse.accept("deny_status"))) {
      const cfg::Word* word = parse.take("a status");
      auto status = word ? base::parse_int<int>(word->text) : std::nullopt;
      if (word && (!status || *status < 200 || *status > 599)) parse.error("a status is a number from 200 to 599");
      if (status) answer.status = *status;
    } else if (parse.accept("content-type")) {
      if (const cfg::Word* word = parse.take("a content type"))
        answer.content_type = parse.context.storage.copy(word->text);
    } else if (parse.accept("string")) {
      if (const cfg::Word* word = parse.take("a text")) answer.body = parse.context.storage.copy(word->text);
      answer.page = false;
    } else if (parse.accept("lf-string")) {
      answer.formatted = parse.format("a text");
      answer.page = false;
    } else if (parse.accept("file") || parse.peek() == "lf-file") {
      bool as_format = parse.accept("lf-file");
      if (const cfg::Word* word = parse.take("a file")) read_body(parse, answer, *word, as_format);
    } else if (parse.accept("hdr")) {
      const cfg::Word* name = parse.take("the name of a header field");
      const expr::LogFormat* value = name ? parse.format("a value") : nullptr;
      if (value) answer.fields.emplace_back(lower_name(parse, name->text), value);
    } else if (parse.accept("default-errorfiles")) {
      answer.page = true;
    } else {
      const cfg::Word* word = parse.take("nothing more");
      parse.error_at(*word, fmt::format("'{}' is not a word of '{}'", word->text, parse.name.text),
                     "there are status, content-type, string, lf-string, file, lf-file, hdr, default-errorfiles");
    }
  }
  return !parse.failed();
}

const Action* parse_deny(Parse& parse) {
  auto* answer = parse.context.storage.make<Answer>();
  answer->denied = true;
  answer->errors = &parse.errors;
  if (parse.response()) answer->status = 502;
  if (parse.name == "tarpit") {
    answer->verdict = Verdict::tarpit;
    answer->status = 500;
  }
  return parse_words(parse, *answer) ? answer : nullptr;
}

const Action* parse_return(Parse& parse) {
  auto* answer = parse.context.storage.make<Answer>();
  answer->errors = &parse.errors;
  answer->status = 200;
  answer->page = false;
  return parse_words(parse, *answer) ? answer : nullptr;
}

constexpr ActionRow kRows[] = {
    {"deny", "Refuses the message with an error page (403, or 502 for a response).",
     set::kHttpRequest | set::kHttpResponse | set::kStats, true, parse_deny},
    {"block", "Old name of deny.", set::kHttpRequest, true, parse_deny},
    {"tarpit", "Refuses the request after timeout tarpit.", set::kHttpRequest, true, parse_deny},
    {"return", "Answers with a status, a body and fields of its own.", set::kHttpRequest | set::kHttpResponse, true,
     parse_return},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
