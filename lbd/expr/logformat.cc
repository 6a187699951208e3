#include "lbd/expr/logformat.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "cfg/suggest.h"
#include "lbd/expr/log_tag.h"
#include "lbd/expr/logformat_parser.h"

namespace lbd::expr {

void Printer::number(int64_t value) {
  char digits[24];
  char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  raw({digits, end});
}

void Printer::hex(uint64_t value, unsigned least) {
  char digits[24];
  char* end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  for (auto length = static_cast<unsigned>(end - digits); length < least; ++length) raw('0');
  for (char* c = digits; c < end; ++c) raw(*c >= 'a' ? static_cast<char>(*c - 32) : *c);
}

void Printer::padded(uint64_t value, unsigned digits) {
  char text[24];
  for (unsigned i = digits; i > 0; value /= 10) text[--i] = static_cast<char>('0' + value % 10);
  raw({text, digits});
}

void Printer::escaped(std::string_view text, std::string_view special, std::string_view slashed) {
  if (encoded) return raw(text);
  constexpr char kHex[] = "0123456789ABCDEF";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte >= 32 && byte < 127 && special.find(c) == std::string_view::npos) {
      if (slashed.find(c) != std::string_view::npos) raw('\\');
      raw(c);
      continue;
    }
    raw('#');
    raw(kHex[byte >> 4]);
    raw(kHex[byte & 15]);
  }
}

void Printer::percent(std::string_view text) {
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if ((byte >= 32 && byte != 127) || c == '\t') {
      if (escape && (c == '"' || c == '\\' || c == ']')) raw('\\');
      raw(c);
    } else {
      raw('%');
      hex(byte, 2);
    }
  }
}

void Printer::text(std::string_view value) {
  if (quote) raw('"');
  if (value.empty() && !quote && dashes) raw('-');
  if (escape) {
    for (char c : value) {
      if (c == '"' || c == '\\' || c == ']') raw('\\');
      raw(c);
    }
  } else {
    raw(value);
  }
  if (quote) raw('"');
}

LogFormat::LogFormat() = default;
LogFormat::LogFormat(LogFormat&&) noexcept = default;
LogFormat& LogFormat::operator=(LogFormat&&) noexcept = default;
LogFormat::~LogFormat() = default;

bool LogFormat::uses(std::string_view tag) const {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [&](const LogNode& node) { return node.tag && node.tag->name == tag; });
}

namespace {

void encode_value(Encoder& out, Value& value, Type type, base::Arena& arena) {
  if (type != Type::any && !cast(value, type, arena)) return out.null();
  char scalar[kMaxScalarText];
  switch (value.type) {
    case Type::boolean:
      return out.boolean(value.integer != 0);
    case Type::integer:
      return out.number(value.integer);
    case Type::binary:
      return out.bytes(value.view());
    default:
      return out.text(to_text(value, scalar));
  }
}

void encode_tag(Encoder& out, const LogNode& node, Transaction& transaction) {
  if (node.tag->list && node.type == Type::any) {
    out.begin_list();
    for (std::string_view one : node.tag->list(transaction)) {
      out.item();
      one.data() ? out.text(one) : out.null();
    }
    return out.end_list();
  }
  constexpr size_t kLongest = 16384;
  char* room = transaction.arena.alloc_chars(kLongest);
  Printer printer(room, kLongest);
  printer.quote = printer.encoded = true;  // in quotes nothing is shown as '-'
  printer.hexadecimal = node.hexadecimal;
  node.tag->print(printer, transaction);
  std::string_view text(room, printer.size());
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  const bool number = node.tag->kind == LogKind::number && !node.hexadecimal;
  if (number && text.starts_with('+')) text.remove_prefix(1);  // not the final one: option logasap
  if (text.empty()) return out.null();
  if (node.type == Type::integer || (number && node.type == Type::any)) return out.number(leading_int(text));
  if (node.type == Type::boolean) return out.boolean(text == "true" || leading_int(text) != 0);
  out.text(text);
}

void encode(Encoder& out, const LogNode& node, Transaction& transaction) {
  if (node.tag) return encode_tag(out, node, transaction);
  Value value;
  if (node.expr->eval(transaction, value) != Found::yes) return out.null();
  encode_value(out, value, node.type, transaction.arena);
}

}  // namespace

void LogFormat::print_map(Transaction& transaction, Printer& out) const {
  Encoder encoder(out, encoding_, raw_, transaction.arena);
  encoder.begin_map();
  for (const LogNode& node : nodes_) {
    if (node.name.empty()) continue;
    encoder.key(node.name);
    encode(encoder, node, transaction);
  }
  encoder.end_map();
}

size_t LogFormat::print(Transaction& transaction, char* to, size_t room) const {
  Printer out(to, room);
  if (encoding_ != Encoding::none) {
    print_map(transaction, out);
    return out.size();
  }
  out.dashes = dashes_;
  for (const LogNode& node : nodes_) {
    out.quote = node.quote;
    out.hexadecimal = node.hexadecimal;
    out.escape = node.escape;
    if (node.encoding != Encoding::none) {
      Encoder encoder(out, node.encoding, node.raw, transaction.arena);
      encode(encoder, node, transaction);
    } else if (node.tag) {
      node.tag->print(out, transaction);
    } else if (node.expr) {
      Value value;
      char scalar[kMaxScalarText];
      bool found = node.expr->eval(transaction, value) == Found::yes;
      if (found && value.type == Type::binary) cast(value, Type::string, transaction.arena);
      std::string_view text = found ? to_text(value, scalar) : std::string_view();
      if (node.encode) {
        out.percent(text);
        continue;
      }
      out.text(text);
    } else {
      node.merge ? out.literal(node.text) : out.raw(node.text);
    }
  }
  return out.size();
}

std::string_view LogFormat::print(Transaction& transaction) const {
  if (constant_) return constant_text_;
  // Most texts are short; a longer one is printed again into as much room as the longest may need.
  for (size_t room = 512;; room *= 8) {
    char* to = transaction.arena.alloc_chars(room);
    size_t size = print(transaction, to, room);
    if (size < room || room > 65536) return {to, size};
  }
}

class LogFormatParser {
 public:
  LogFormatParser(CompileContext& context, Text text, Phases where, TextFor use)
      : context_(context), text_(text), where_(where), use_(use) {}

  LogFormat parse() {
    while (!text_.done() && ok_) {
      if (text_.peek() == '%')
        parse_percent();
      else
        literal_ += text_.all[text_.at++];
    }
    flush();
    LogFormat format;
    if (!ok_) return format;
    format.constant_ = true;
    for (const LogNode& node : nodes_) {
      if (node.tag || node.expr) format.constant_ = false;
      format.constant_text_ += node.text;
    }
    format.nodes_ = std::move(nodes_);
    format.dashes_ = use_ == TextFor::log;
    format.encoding_ = defaults_.encoding;
    format.raw_ = defaults_.raw;
    format.constant_ = format.constant_ && format.encoding_ == Encoding::none;
    return format;
  }

 private:
  void fail(size_t at, size_t length, std::string message, std::string hint = {}) {
    context_.error(text_.location(at, length), std::move(message), std::move(hint));
    ok_ = false;
  }

  // Blanks are nodes of their own, so that one can be left out behind a tag that printed nothing.
  void flush() {
    while (!literal_.empty()) {
      size_t cut = literal_.find(' ', 1);
      LogNode node;
      node.text = context_.storage.copy(literal_.substr(0, cut));
      node.merge = use_ == TextFor::log;
      const bool blank = nodes_.empty() || nodes_.back().text.ends_with(' ');
      if (use_ == TextFor::id && blank && node.text.front() == ' ') node.text.remove_prefix(1);
      if (!node.text.empty()) nodes_.push_back(node);
      literal_ = cut == std::string::npos ? std::string() : literal_.substr(cut);
    }
  }

  // A frontend of mode tcp may go on in mode http (tcp-request content switch-mode http).
  bool http_possible() const {
    if (where_ & (phase::kConfig | phase::kCli)) return false;
    const std::vector<config::RuleLine>& rules = context_.proxy.rules;
    return context_.http() || (!context_.proxy.frontend && !context_.proxy.backend) ||
           std::any_of(rules.begin(), rules.end(), [](const config::RuleLine& line) {
             return line.statement[0] == "tcp-request" && line.statement[2] == "switch-mode";
           });
  }

  void parse_percent() {
    size_t start = text_.at++;
    if (text_.peek() == '%') {
      ++text_.at;
      literal_ += '%';
      return;
    }
    LogNode node = defaults_;
    // The name may stand before the flags or behind them.
    while (text_.peek() == '{' || (text_.peek() == '(' && node.name.empty()))
      if (!(text_.peek() == '{' ? parse_flags(node) : parse_name(node))) return;
    flush();
    if (text_.peek() == '[') return parse_expression(node);
    size_t length = 0;
    std::string_view rest = text_.rest();
    while (length < rest.size() && std::isalpha(static_cast<unsigned char>(rest[length]))) ++length;
    std::string_view name = rest.substr(0, length);
    if (name == "o") {  // %{flags}o: for all that follow
      text_.at += 1;
      defaults_ = node;
      return;
    }
    const LogTagRow* row = LogTags::find(name);
    if (!row) {
      std::vector<std::string_view> known;
      LogTags::for_each([&](const LogTagRow& tag) { known.push_back(tag.name); });
      return fail(start, length + 1, fmt::format("unknown log tag '%{}'", name), cfg::did_you_mean(name, known));
    }
    text_.at += length;
    if (row->http_only && !http_possible()) return fail(start, length + 1, fmt::format("'%{}' needs mode http", name));
    node.tag = row;
    add(node, start, length + 1);
  }

  // (name) or (name:type)
  bool parse_name(LogNode& node) {
    size_t close = text_.rest().find(')');
    if (close == std::string_view::npos) {
      fail(text_.at, 1, "this '(' has no ')'");
      return false;
    }
    std::string_view inside = text_.rest().substr(1, close - 1);
    std::string_view name = inside.substr(0, inside.find(':'));
    std::string_view type = name.size() < inside.size() ? inside.substr(name.size() + 1) : std::string_view();
    if (name.empty()) {
      fail(text_.at, close + 1, "a name is missing here");
      return false;
    }
    if (type == "int" || type == "sint")
      node.type = Type::integer;
    else if (type == "bool")
      node.type = Type::boolean;
    else if (type == "str")
      node.type = Type::string;
    else if (name.size() < inside.size()) {
      fail(text_.at + 2 + name.size(), std::max<size_t>(type.size(), 1),
           fmt::format("unknown type '{}'; there are str, int and bool", type));
      return false;
    }
    node.name = context_.storage.copy(name);
    text_.at += close + 1;
    return true;
  }

  bool parse_flags(LogNode& node) {
    size_t close = text_.rest().find('}');
    if (close == std::string_view::npos) {
      fail(text_.at, 1, "this '{' has no '}'");
      return false;
    }
    std::string_view flags = text_.rest().substr(1, close - 1);
    bool on = true;
    for (size_t at = 0; at < flags.size(); ++at) {
      const char c = flags[at];
      auto word = [&](std::string_view name) {
        if (!flags.substr(at).starts_with(name)) return false;
        at += name.size() - 1;
        return true;
      };
      if (word("json"))
        node.encoding = on ? Encoding::json : Encoding::none;
      else if (word("cbor"))
        node.encoding = on ? Encoding::cbor : Encoding::none;
      else if (word("bin"))
        node.raw = on;
      else if (c == '+')
        on = true;
      else if (c == '-')
        on = false;
      else if (c == 'Q')
        node.quote = on;
      else if (c == 'X')
        node.hexadecimal = on;
      else if (c == 'E')
        node.escape = on;
      else if (c != ',') {
        fail(text_.at, close + 1, fmt::format("unknown flag '{}'; there are Q, X, E, bin, json and cbor", c));
        return false;
      }
    }
    text_.at += close + 1;
    return true;
  }

  void parse_expression(LogNode& node) {
    size_t start = text_.at++;
    node.expr = parse_expr(context_, text_, where_);
    if (!node.expr) {
      ok_ = false;
      return;
    }
    if (text_.peek() != ']') return fail(start, text_.at - start, "a ']' is missing behind the expression");
    ++text_.at;
    node.encode = use_ == TextFor::message || use_ == TextFor::id;
    add(node, start, text_.at - start);
  }

  void add(const LogNode& node, size_t at, size_t length) {
    if (defaults_.encoding != Encoding::none && node.name.empty())
      context_.warning(text_.location(at, length), "this is left out: in JSON and CBOR everything needs a name",
                       "%(name)" + std::string(text_.all.substr(at + 1, length - 1)));
    nodes_.push_back(node);
  }

  CompileContext& context_;
  Text text_;
  Phases where_;
  TextFor use_;
  std::string literal_;
  LogNode defaults_;
  std::vector<LogNode> nodes_;
  bool ok_ = true;
};

LogFormat parse_logformat(CompileContext& context, const cfg::Word& word, Phases where, TextFor use) {
  return LogFormatParser(context, Text(word), where, use).parse();
}

LogFormat parse_logformat(CompileContext& context, std::string_view text, Phases where, TextFor use) {
  auto* word = context.storage.make<cfg::Word>();
  word->text = text;
  return LogFormatParser(context, Text(*word), where, use).parse();
}

}  // namespace lbd::expr
