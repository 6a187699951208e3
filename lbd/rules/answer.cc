#include "lbd/rules/answer.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/fd.h"
#include "base/strings.h"

namespace lbd::rules {
namespace {

bool has_body(int status) {
  return status != 204 && status != 304;
}

class Parser {
 public:
  Parser(Parse& parse, Answer& answer) : parse_(parse), answer_(answer) {}

  void word(bool deny_status) {
    if (deny_status && parse_.accept("deny_status")) return status(false);
    if (parse_.accept("status")) return status(true);
    if (parse_.accept("content-type")) {
      if (const cfg::Word* word = parse_.take("a content type")) answer_.content_type = keep(word->text);
    } else if (parse_.accept("default-errorfiles")) {
      choose(Answer::Body::pages);
    } else if (parse_.accept("errorfile")) {
      if (const cfg::Word* word = choose(Answer::Body::stored) ? parse_.take("a file") : nullptr) file_ = word;
    } else if (parse_.accept("errorfiles")) {
      if (const cfg::Word* word = choose(Answer::Body::stored) ? parse_.take("the name of a set") : nullptr)
        set_ = word;
    } else if (parse_.accept("string")) {
      if (const cfg::Word* word = choose(Answer::Body::text) ? parse_.take("a text") : nullptr)
        answer_.body = keep(word->text);
    } else if (parse_.accept("lf-string")) {
      if (choose(Answer::Body::text)) answer_.format = parse_.format("a text");
    } else if (parse_.accept("file") || parse_.peek() == "lf-file") {
      read_body(parse_.accept("lf-file"));
    } else if (parse_.accept("hdr")) {
      const cfg::Word* name = parse_.take("the name of a header field");
      const expr::LogFormat* value = name ? parse_.format("a value") : nullptr;
      if (value) answer_.fields.emplace_back(lower_name(parse_, name->text), value);
    } else {
      const cfg::Word* word = parse_.take("nothing more");
      parse_.error_at(*word, fmt::format("'{}' is not a word of '{}'", word->text, parse_.name.text),
                      "there are status, content-type, string, lf-string, file, lf-file, errorfile, errorfiles, "
                      "default-errorfiles and hdr");
    }
  }

  // What only the whole line shows.
  void finish() {
    if (parse_.failed()) return;
    switch (answer_.kind) {
      case Answer::Body::none:
        return;
      case Answer::Body::pages:
      case Answer::Body::stored:
        if (!http::default_error(answer_.status))
          return parse_.error(fmt::format("status {} has no error page", answer_.status),
                              "for any status: status CODE content-type TYPE string TEXT");
        if (!answer_.fields.empty())
          parse_.context.warning(parse_.name.loc, "'hdr' has no effect on an error page, which has its own fields");
        return load();
      case Answer::Body::text:
        if (!has_body(answer_.status))
          return parse_.error(fmt::format("an answer of status {} has no body", answer_.status));
        if (answer_.content_type.empty() && (answer_.format || !answer_.body.empty() || !from_file_))
          parse_.error("a body needs a content-type", "content-type text/plain");
    }
  }

 private:
  std::string_view keep(std::string_view text) { return parse_.context.storage.copy(text); }

  bool choose(Answer::Body kind) {
    if (answer_.kind != Answer::Body::none) parse_.error("the body is described twice");
    answer_.kind = kind;
    return !parse_.failed();
  }

  void status(bool modern) {
    const cfg::Word* word = parse_.take("a status");
    const auto status = word ? base::parse_int<int>(word->text) : std::nullopt;
    if (word && (!status || *status < 200 || *status > 599)) parse_.error("a status is a number from 200 to 599");
    if (!status) return;
    answer_.status = *status;
    answer_.status_given = modern;
  }

  void read_body(bool as_format) {
    const cfg::Word* path = choose(Answer::Body::text) ? parse_.take("a file") : nullptr;
    if (!path) return;
    auto content = base::read_file(path->text);
    if (!content) return parse_.error(fmt::format("cannot read the body: {}", content.error().text));
    from_file_ = true;
    const std::string_view text = keep(*content);
    if (!as_format) {
      answer_.body = text;
      return;
    }
    auto* word = parse_.context.storage.make<cfg::Word>();
    word->text = text;
    word->loc = path->loc;
    answer_.format = parse_.format_of(*word);
  }

  void load() {
    if (answer_.kind == Answer::Body::pages) return;
    const config::Config& config = parse_.context.config;
    config::ErrorAnswer source;
    if (file_) {
      source.path_or_url = file_->text;
      source.location = file_->loc;
    } else {
      const auto set = std::find_if(config.http_errors.begin(), config.http_errors.end(),
                                    [&](const config::HttpErrors& one) { return one.name == set_->text; });
      if (set == config.http_errors.end())
        return parse_.error_at(*set_, fmt::format("there is no http-errors section '{}'", set_->text));
      const auto entry = set->answers.find(answer_.status);
      if (entry == set->answers.end()) {
        parse_.context.warning(set_->loc, fmt::format("http-errors '{}' has no page for {}: the section's own is sent",
                                                      set_->text, answer_.status));
        answer_.kind = Answer::Body::pages;
        return;
      }
      source = entry->second;
    }
    const size_t before = parse_.context.diagnostics.errors();
    if (auto page = load_page(source, answer_.status, config, parse_.context.diagnostics))
      answer_.page = parse_.context.storage.make<http::StoredReply>(std::move(*page));
    if (parse_.context.diagnostics.errors() != before) parse_.give_up();
  }

  Parse& parse_;
  Answer& answer_;
  const cfg::Word *file_ = nullptr, *set_ = nullptr;
  bool from_file_ = false;
};

}  // namespace

http::Reply* Answer::make(expr::Transaction& t, const ErrorPages& errors) const {
  base::Arena& arena = t.arena;
  if (kind == Body::pages) return errors.make(status, t);
  if (kind == Body::stored) {
    auto* reply = page ? arena.make<http::Reply>(page->make(arena)) : arena.make<http::Reply>(arena);
    if (reply->status != status) reply->stands_for = static_cast<uint16_t>(status);
    return reply;
  }
  auto* reply = arena.make<http::Reply>(arena);
  reply->status = static_cast<uint16_t>(status);
  reply->body = format ? format->print(t) : body;
  // In HAProxy's order: fields of the rule, length, type.
  for (const auto& [name, value] : fields) reply->headers.add(name, value->print(t));
  if (status == 204) return reply;
  char* digits = arena.alloc_chars(20);
  char* end = std::to_chars(digits, digits + 20, reply->body.size()).ptr;
  reply->headers.add("content-length", {digits, end}, http::Token::content_length);
  if (!reply->body.empty() && !content_type.empty())
    reply->headers.add("content-type", content_type, http::Token::content_type);
  return reply;
}

bool parse_answer(Parse& parse, Answer& answer, bool deny_status) {
  Parser parser(parse, answer);
  while (!parse.done() && !parse.failed()) parser.word(deny_status);
  parser.finish();
  return !parse.failed();
}

}  // namespace lbd::rules
