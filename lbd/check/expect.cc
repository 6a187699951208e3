#include "lbd/check/expect.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace lbd::check {
namespace {

using server::short_name;

// Null when something was reported.
std::shared_ptr<const expr::Regex> take_regex(cfg::Args& args, bool ignore_case = false) {
  auto word = args.take<cfg::Word>();
  if (!word) return nullptr;
  auto regex = expr::Regex::compile(word->text, ignore_case);
  if (regex) return std::make_shared<const expr::Regex>(std::move(*regex));
  args.error_at(word->loc, fmt::format("'{}' is no regular expression: {}", word->text, regex.error().text));
  return nullptr;
}

bool take_statuses(cfg::Args& args, Expect& expect) {
  auto word = args.take<cfg::Word>();
  if (!word) return false;
  for (std::string_view part : base::split(word->text, ',')) {
    size_t dash = part.find('-');
    auto low = base::parse_int<int>(part.substr(0, dash));
    auto high = dash == std::string_view::npos ? low : base::parse_int<int>(part.substr(dash + 1));
    if (!low || !high || *low > *high) {
      args.error_at(word->loc, fmt::format("'{}' is no list of status codes and ranges of them", word->text));
      return false;
    }
    expect.statuses.emplace_back(*low, *high);
  }
  return true;
}

// `context`: of a text that is a log format.
bool take_pattern(cfg::Args& args, TextPattern& pattern, expr::CompileContext* context) {
  if (args.accept("-m")) {
    auto how = args.take_choice({"str", "beg", "end", "sub", "reg"});
    if (!how) return false;
    pattern.how = static_cast<TextPattern::How>(*how);
  }
  if (context) {
    if (pattern.how == TextPattern::How::regex) {
      args.error("a log format is not supported as a regular expression");
      return false;
    }
    pattern.format = take_format(args, *context);
    return pattern.format != nullptr;
  }
  if (pattern.how == TextPattern::How::regex) {
    pattern.regex = take_regex(args, pattern.ignore_case);
    return pattern.regex != nullptr;
  }
  auto text = args.take<std::string>();
  if (text) pattern.text = pattern.ignore_case ? base::lower(*text) : *text;
  return text.has_value();
}

bool take_header(cfg::Args& args, expr::CompileContext& context, Expect& expect) {
  expect.name.ignore_case = true;
  const bool made_name = args.accept("name-lf");
  if (!made_name && !args.accept("name")) {
    args.error("a header is expected as 'name <name>' and perhaps 'value <value>'", "or name-lf and value-lf");
    return false;
  }
  if (!take_pattern(args, expect.name, made_name ? &context : nullptr)) return false;
  const bool made_value = args.accept("value-lf");
  if (!made_value && !args.accept("value")) return true;
  return take_pattern(args, expect.value.emplace(), made_value ? &context : nullptr);
}

std::optional<CheckStatus> take_status(cfg::Args& args, std::initializer_list<CheckStatus> allowed) {
  std::vector<std::string_view> names;
  for (CheckStatus status : allowed) names.push_back(short_name(status));
  auto index = args.take_choice(names);
  if (!index) return std::nullopt;
  return *(allowed.begin() + *index);
}

// The words before the match. False: something was reported.
bool take_options(cfg::Args& args, expr::CompileContext& context, Expect& expect) {
  auto put = [](auto value, auto& to) {
    if (value) to = *value;
    return value.has_value();
  };
  using enum CheckStatus;
  while (true) {
    bool good = true;
    if (args.accept("comment"))
      good = take_text(args, expect.comment);
    else if (args.accept("min-recv"))
      good = put(args.take<int>({-1, 1 << 30}), expect.min_received);
    else if (args.accept("on-success"))
      good = (expect.on_success = take_format(args, context)) != nullptr;
    else if (args.accept("on-error"))
      good = (expect.on_error = take_format(args, context)) != nullptr;
    else if (args.accept("status-code"))
      good = (expect.status_code = take_expression(args, context)) != nullptr;
    else if (args.accept("ok-status"))
      good = put(take_status(args, {l7_ok, l7_conditional, l6_ok, l4_ok}), expect.ok_status);
    else if (args.accept("error-status"))
      good =
          put(take_status(args, {l7_conditional, l7_invalid, l7_status, l6_invalid, l4_refused}), expect.error_status);
    else if (args.accept("tout-status"))
      good = put(take_status(args, {l7_timeout, l6_timeout, l4_timeout}), expect.timeout_status);
    else
      return true;
    if (!good) return false;
  }
}

bool take_match(cfg::Args& args, expr::CompileContext& context, Expect& expect, bool http) {
  using What = Expect::What;
  const cfg::Word* word = args.next();
  if (!word) {
    args.error("what to expect is missing");
    return false;
  }
  std::string_view name = word->text;
  if (name.starts_with('!') && name.size() > 1) {
    expect.negated = true;
    name.remove_prefix(1);
  } else if (name == "!") {
    expect.negated = true;
    word = args.next();
    name = word ? std::string_view(word->text) : std::string_view();
  }
  if (http && name == "status") {
    expect.what = What::status;
    return take_statuses(args, expect);
  }
  if (http && (name == "hdr" || name == "fhdr")) {
    expect.what = name == "hdr" ? What::header : What::whole_header;
    return take_header(args, context, expect);
  }
  if (name == "rstring" || (http ? name == "rstatus" : name == "rbinary")) {
    expect.what = name == "rstring" ? What::regex : http ? What::status_regex : What::binary_regex;
    expect.regex = take_regex(args);
    return expect.regex != nullptr;
  }
  if (name == "string" || (!http && name == "binary")) {
    expect.what = name == "string" ? What::text : What::binary;
    auto text = args.take<std::string>();
    if (!text) return false;
    expect.text = *text;
    if (expect.what == What::text) return true;
    auto bytes = decode_hex(*text);
    if (!bytes) args.error(fmt::format("'{}' are no hexadecimal digits in pairs", *text));
    if (bytes) expect.text = *bytes;
    return bytes.has_value();
  }
  if (name == "string-lf" || (!http && name == "binary-lf")) {
    expect.what = name == "string-lf" ? What::text_format : What::binary_format;
    if (const cfg::Word* text = args.peek(); text && text->text.empty()) {
      args.error(fmt::format("'{}' expects a text", name));
      return false;
    }
    expect.format = take_format(args, context);
    return expect.format != nullptr;
  }
  args.error(fmt::format("'{}' is nothing that can be expected", name),
             http ? "one of status, rstatus, hdr, fhdr, string, string-lf, rstring"
                  : "one of string, string-lf, rstring, binary, binary-lf, rbinary");
  return false;
}

}  // namespace

bool TextPattern::matches(std::string_view subject, std::string_view made) const {
  const std::string lowered = ignore_case ? base::lower(subject) : std::string(subject);
  const std::string_view sought = format ? made : text;
  switch (how) {
    case How::equal:
      return lowered == sought;
    case How::begin:
      return lowered.starts_with(sought);
    case How::end:
      return lowered.ends_with(sought);
    case How::part:
      return lowered.find(sought) != std::string::npos;
    case How::regex:
      return regex->matches(subject);
  }
  return false;
}

Wanted Expect::wanted(Scene& scene, const Heard& heard) const {
  Wanted made;
  auto make = [&](const expr::LogFormat* from, std::string& to) {
    if (!from) return;
    to = scene.print(*from, heard);
    if (to.empty()) made.mistake = "log-format string evaluated to an empty string";
  };
  make(format, made.text);
  make(name.format, made.name);
  made.name = base::lower(made.name);
  if (value) make(value->format, made.value);
  if (what != What::binary_format || !made.mistake.empty()) return made;
  if (auto bytes = decode_hex(made.text))
    made.text = std::move(*bytes);
  else
    made.mistake = "Failed to parse hexastring resulting of eval of a log-format string";
  return made;
}

bool Expect::holds_status(int status) const {
  if (regex) return regex->matches(std::to_string(status));
  for (auto [low, high] : statuses)
    if (status >= low && status <= high) return true;
  return false;
}

bool Expect::found_in(std::string_view bytes, const Wanted& wanted) const {
  if (what == What::binary_regex) {
    std::string hex;
    for (char c : bytes) hex += fmt::format("{:02X}", static_cast<unsigned char>(c));
    return regex->matches(hex);
  }
  if (regex) return regex->matches(bytes);
  return bytes.find(format ? std::string_view(wanted.text) : text) != std::string_view::npos;
}

int Expect::code(CheckStatus status, Scene& scene, const Heard& heard, int usual) const {
  using enum CheckStatus;
  const bool tells = status == l7_ok || status == l7_conditional || status == l7_status;
  const auto own = status_code && tells ? scene.number(*status_code, heard) : std::nullopt;
  return own ? static_cast<int>(*own) : usual;
}

std::optional<Expect> parse_expect(cfg::Args& args, expr::CompileContext& context, bool http) {
  Expect expect;
  if (!take_options(args, context, expect) || !take_match(args, context, expect, http) ||
      !take_options(args, context, expect))
    return std::nullopt;
  args.expect_end();
  if (args.failed()) return std::nullopt;
  return expect;
}

std::optional<std::string> decode_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    int high = base::hex_digit(digits[i]), low = base::hex_digit(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace lbd::check
