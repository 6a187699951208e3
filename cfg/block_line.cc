#include "cfg/block_line.h"

#include "base/strings.h"

namespace cfg {
namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

class LineScanner {
 public:
  LineScanner(const Text& text, Diagnostics& diagnostics) : text_(text), diagnostics_(diagnostics) {}

  std::optional<std::vector<BlockToken>> tokens() {
    std::vector<BlockToken> all;
    for (;;) {
      while (at_ < text_.size() && is_blank(text_.chars[at_])) ++at_;
      if (at_ >= text_.size()) return all;
      const char c = text_.chars[at_];
      if (c == '{' || c == '}') {
        all.push_back(
            {c == '{' ? BlockToken::Kind::open : BlockToken::Kind::close, {std::string(1, c), text_.locate(at_)}});
        ++at_;
        continue;
      }
      auto word = read_word();
      if (!word) return std::nullopt;
      all.push_back({BlockToken::Kind::word, std::move(*word)});
    }
  }

 private:
  static bool is_blank(char c) { return base::is_space(c) || c == '\r' || c == '\v' || c == '\f'; }

  std::optional<Word> read_word() {
    const size_t begin = at_;
    std::string word;
    char quote = 0;
    size_t quoted_at = 0;
    while (at_ < text_.size()) {
      const char c = text_.chars[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        word += escape();
        continue;
      }
      if (quote) {
        if (c == quote)
          quote = 0;
        else
          word += c;
      } else if (c == '"' || c == '\'') {
        quote = c;
        quoted_at = at_;
      } else if (c == '$' && at_ + 1 < text_.size() && text_.chars[at_ + 1] == '{') {
        // An unknown ${NAME} stays as it is, braces and all.
        const size_t close = std::min(text_.chars.find('}', at_), text_.size() - 1);
        word.append(text_.chars, at_, close - at_ + 1);
        at_ = close;
      } else if (is_blank(c) || c == '{' || c == '}') {
        break;
      } else {
        word += c;
      }
      ++at_;
    }
    if (quote) {
      diagnostics_.error(text_.locate(quoted_at), "quote is not closed on this line");
      return std::nullopt;
    }
    return Word{std::move(word), text_.locate(begin, at_ - begin)};
  }

  // Behind the backslash.
  char escape() {
    const char c = text_.chars[at_++];
    switch (c) {
      case 'a':
        return '\a';
      case 'b':
        return '\b';
      case 'E':
        return '\x1b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'v':
        return '\v';
      case 'c':
        return at_ < text_.size() ? static_cast<char>(text_.chars[at_++] & 0x1f) : c;
      case 'x':
        return number(16, 2, c);
      default:
        break;
    }
    if (!is_octal(c)) return c;
    --at_;
    return number(8, 3, c);
  }

  char number(int radix, size_t digits, char otherwise) {
    int value = 0;
    size_t count = 0;
    for (; count < digits && at_ < text_.size(); ++count, ++at_) {
      const int digit = base::hex_digit(text_.chars[at_]);
      if (digit < 0 || digit >= radix) break;
      value = value * radix + digit;
    }
    return count ? static_cast<char>(value) : otherwise;
  }

  const Text& text_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
};

}  // namespace

size_t comment_at(const Text& line) {
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line.chars[i];
    if (c == '\\') {
      ++i;
    } else if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#' || c == '!') {
      return i;
    }
  }
  return line.size();
}

std::optional<std::vector<BlockToken>> lex_block_line(const Text& line, Diagnostics& diagnostics) {
  return LineScanner(line, diagnostics).tokens();
}

}  // namespace cfg
