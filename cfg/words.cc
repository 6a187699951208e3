#include "cfg/words.h"

#include "base/strings.h"

namespace cfg {
namespace {

constexpr bool is_name_start(char c) {
  char l = base::to_lower(c);
  return (l >= 'a' && l <= 'z') || c == '_';
}
constexpr bool is_name_char(char c) {
  return is_name_start(c) || base::is_digit(c);
}

// A line may be joined from several; that many characters are more than any file needs.
constexpr uint32_t kMaxJoined = 1000;

class Lexer {
 public:
  Lexer(const Source& source, uint32_t line, const LexContext& context, Diagnostics& diagnostics)
      : source_(source), line_(line), context_(context), diagnostics_(diagnostics) {
    load_line();
  }

  LexedLine run();

 private:
  enum class Quote : uint8_t { none, weak, strong };

  void load_line();
  void step();
  bool escape();
  bool variable();
  void put_variable(std::string_view name, bool has_default, std::string_view fallback, bool split);
  std::string_view lookup(std::string_view name, std::string& scratch, bool& known) const;
  void put(char c) {
    if (!in_word_) begin_word(pos_);
    word_.text += c;
  }
  void begin_word(size_t at);
  void end_word(size_t at);
  bool fail(size_t at, std::string text, std::string hint = {});

  const Source& source_;
  uint32_t line_;
  const LexContext& context_;
  Diagnostics& diagnostics_;
  std::string_view text_;
  size_t pos_ = 0;
  Quote quote_ = Quote::none;
  size_t quote_at_ = 0;
  bool in_word_ = false;
  Word word_;
  LexedLine out_;
};

void Lexer::load_line() {
  text_ = source_.line(line_);
  while (!text_.empty() && text_.back() == '\r') text_.remove_suffix(1);
  pos_ = 0;
}

void Lexer::begin_word(size_t at) {
  in_word_ = true;
  word_ = {};
  word_.loc = {&source_, line_, static_cast<uint32_t>(at + 1), 1};
}

void Lexer::end_word(size_t at) {
  if (!in_word_) return;
  in_word_ = false;
  // A word that goes on over a joined line is underlined to the end of its first line.
  size_t end = word_.loc.line == line_ ? at : source_.line(word_.loc.line).size();
  size_t begin = word_.loc.column - 1;
  word_.loc.length = static_cast<uint32_t>(end > begin ? end - begin : 1);
  out_.words.push_back(std::move(word_));
}

bool Lexer::fail(size_t at, std::string text, std::string hint) {
  diagnostics_.error({&source_, line_, static_cast<uint32_t>(at + 1), 1}, std::move(text), std::move(hint));
  out_.ok = false;
  return false;
}

// At a backslash outside strong quotes.
bool Lexer::escape() {
  const bool weak = quote_ == Quote::weak;
  const char next = pos_ + 1 < text_.size() ? text_[pos_ + 1] : '\0';
  char value = 0;
  size_t taken = 2;
  switch (next) {
    case ' ':
    case '\t':
    case '\\':
    case '#':
    case '\'':
    case '"':
      value = next;
      break;
    case 'n':
      value = '\n';
      break;
    case 'r':
      value = '\r';
      break;
    case 't':
      value = '\t';
      break;
    case '$':
      if (weak) {
        value = '$';
        break;
      }
      put('\\');
      taken = 1;
      break;
    case 'x': {
      int high = pos_ + 2 < text_.size() ? base::hex_digit(text_[pos_ + 2]) : -1;
      int low = pos_ + 3 < text_.size() ? base::hex_digit(text_[pos_ + 3]) : -1;
      if (high < 0 || low < 0) return fail(pos_, "truncated or invalid hexadecimal sequence", "write \\xNN");
      put(static_cast<char>(high * 16 + low));
      pos_ += 4;
      return true;
    }
    default:
      put('\\');
      taken = 1;
      break;
  }
  if (taken == 2) put(value);
  pos_ += taken;
  return true;
}

std::string_view Lexer::lookup(std::string_view name, std::string& scratch, bool& known) const {
  known = true;
  if (name == ".FILE") return source_.name();
  if (name == ".SECTION") return context_.section;
  if (name == ".LINE") return scratch = std::to_string(line_);
  if (context_.environment)
    if (auto value = context_.environment->get(name)) return *value;
  known = false;
  return {};
}

void Lexer::put_variable(std::string_view name, bool has_default, std::string_view fallback, bool split) {
  std::string scratch;
  bool known = false;
  std::string_view value = lookup(name, scratch, known);
  if (!known && has_default) value = fallback;
  if (!in_word_) begin_word(quote_at_);
  for (size_t i = 0; i < value.size(); ++i) {
    if (!split || !base::is_space(value[i])) {
      if (!in_word_) begin_word(quote_at_);
      word_.text += value[i];
    } else if (in_word_ && !word_.text.empty()) {
      end_word(pos_);
    }
  }
}

// At a '$' within weak quotes.
bool Lexer::variable() {
  const size_t begin = pos_;
  size_t at = pos_ + 1;
  const bool braces = at < text_.size() && text_[at] == '{';
  if (braces) ++at;
  const size_t name_at = at;
  if (at < text_.size() && (is_name_start(text_[at]) || text_[at] == '.')) ++at;
  if (at == name_at)
    return fail(at < text_.size() ? at : begin, "forbidden first character in the name of a variable",
                "a plain dollar within double quotes is written \\$");
  while (at < text_.size() && is_name_char(text_[at])) ++at;
  std::string_view name = text_.substr(name_at, at - name_at);
  if (!braces) {
    put_variable(name, false, {}, false);
    pos_ = at;
    return true;
  }
  bool split = false;
  if (at < text_.size() && text_[at] == '[') {
    if (text_.substr(at, 3) != "[*]")
      return fail(at, "truncated or invalid word expansion sequence", "write ${NAME[*]}");
    split = true;
    at += 3;
  }
  bool has_default = false;
  std::string_view fallback;
  if (at < text_.size() && text_[at] == '-') {
    has_default = true;
    size_t close = text_.find('}', ++at);
    if (close == std::string_view::npos) close = text_.size();
    fallback = text_.substr(at, close - at);
    at = close;
  }
  if (at >= text_.size() || text_[at] != '}') return fail(begin, "unmatched brace in the name of a variable");
  put_variable(name, has_default, fallback, split);
  pos_ = at + 1;
  return true;
}

// One character of the line, in the state of the quotes.
void Lexer::step() {
  const char c = text_[pos_];
  if (c == '\0') {
    fail(pos_, "stray NUL character", "the file is truncated or not a text file");
    return;
  }
  if (quote_ == Quote::strong) {
    if (c == '\'')
      quote_ = Quote::none;
    else
      word_.text += c;
    ++pos_;
  } else if (c == '\\') {
    escape();
  } else if (c == '"') {
    if (quote_ == Quote::none) {
      if (!in_word_) begin_word(pos_);
      quote_at_ = pos_;
      quote_ = Quote::weak;
    } else {
      quote_ = Quote::none;
    }
    ++pos_;
  } else if (quote_ == Quote::weak) {
    if (c == '$') {
      variable();
    } else {
      put(c);
      ++pos_;
    }
  } else if (c == '\'') {
    if (!in_word_) begin_word(pos_);
    quote_ = Quote::strong;
    quote_at_ = pos_++;
  } else if (c == '#') {
    end_word(pos_);
    pos_ = text_.size();
  } else if (base::is_space(c)) {
    end_word(pos_++);
  } else {
    put(c);
    ++pos_;
  }
}

LexedLine Lexer::run() {
  while (out_.ok) {
    const bool last = pos_ + 1 == text_.size();
    if (last && text_[pos_] == '\\' && quote_ == Quote::none && line_ < source_.line_count() &&
        out_.lines < kMaxJoined) {
      ++line_;
      ++out_.lines;
      load_line();
      continue;
    }
    if (pos_ >= text_.size()) break;
    step();
  }
  if (out_.ok && quote_ != Quote::none) fail(quote_at_, "unmatched quote");
  if (out_.ok) end_word(pos_);
  if (!out_.ok) out_.words.clear();
  return std::move(out_);
}

}  // namespace

Location Word::at(size_t offset, size_t length) const {
  Location inner = loc;
  if (loc.length == text.size())
    inner.column += static_cast<uint32_t>(offset);
  else if (loc.length == text.size() + 2 && loc.source && loc.column <= loc.source->line(loc.line).size() &&
           (loc.source->line(loc.line)[loc.column - 1] == '"' || loc.source->line(loc.line)[loc.column - 1] == '\''))
    inner.column += static_cast<uint32_t>(offset) + 1;
  else
    return loc;
  inner.length = static_cast<uint32_t>(length ? length : 1);
  return inner;
}

LexedLine lex_line(const Source& source, uint32_t line, const LexContext& context, Diagnostics& diagnostics) {
  return Lexer(source, line, context, diagnostics).run();
}

bool expand_variables(std::string_view text, const Environment& environment, std::string& out) {
  out.clear();
  while (!text.empty()) {
    size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) return true;
    text.remove_prefix(dollar + 1);
    const bool braces = text.starts_with('{');
    if (braces) text.remove_prefix(1);
    size_t end = 0;
    while (end < text.size() && is_name_char(text[end])) ++end;
    std::string_view name = text.substr(0, end);
    text.remove_prefix(end);
    std::optional<std::string_view> fallback;
    if (braces) {
      size_t close = text.find('}');
      if (close == std::string_view::npos) return false;
      if (text.starts_with('-'))
        fallback = text.substr(1, close - 1);
      else if (close != 0)
        return false;
      text.remove_prefix(close + 1);
    }
    if (name.empty()) {
      out += '$';
      continue;
    }
    if (auto value = environment.get(name))
      out += *value;
    else if (fallback)
      out += *fallback;
  }
  return true;
}

}  // namespace cfg
