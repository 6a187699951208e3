#include "lbd/expr/json.h"

#include <charconv>

#include "base/strings.h"
#include "lbd/expr/text_builder.h"

namespace lbd::expr {

namespace {

constexpr int kMaxDepth = 64;  // of arrays and objects within each other

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  // Over one value, which `value` then is, and all within it.
  bool skip(JsonValue& value, int depth = 0) {
    skip_space();
    size_t begin = at_;
    switch (peek()) {
      case '"':
        value.kind = JsonKind::string;
        return string(value.text);
      case '{':
      case '[': {
        bool object = text_[at_] == '{';
        value.kind = object ? JsonKind::object : JsonKind::array;
        if (depth >= kMaxDepth) return false;
        JsonValue inner;
        std::string_view key;
        for (bool more = open(object); more;) {
          if (object && !this->key(key)) return false;
          if (!skip(inner, depth + 1)) return false;
          if (!next(object, more)) return false;
        }
        if (failed_) return false;
        value.text = text_.substr(begin, at_ - begin);
        return true;
      }
      case 't':
        return literal("true", JsonKind::boolean, value);
      case 'f':
        return literal("false", JsonKind::boolean, value);
      case 'n':
        return literal("null", JsonKind::null, value);
      default:
        return number(value);
    }
  }

  // Into an object or array; false: it is empty, or there is none (then failed()).
  bool open(bool object) {
    skip_space();
    if (peek() != (object ? '{' : '[')) {
      failed_ = true;
      return false;
    }
    ++at_;
    skip_space();
    if (peek() != (object ? '}' : ']')) return true;
    ++at_;
    return false;
  }
  bool key(std::string_view& key) {
    skip_space();
    if (peek() != '"' || !string(key)) return false;
    skip_space();
    if (peek() != ':') return false;
    ++at_;
    return true;
  }
  // Behind an element: `more` says whether another one follows. False: this is no JSON.
  bool next(bool object, bool& more) {
    skip_space();
    char c = peek();
    more = c == ',';
    if (!more && c != (object ? '}' : ']')) return false;
    ++at_;
    return true;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && (base::is_space(text_[at_]) || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  bool string(std::string_view& inside) {
    size_t begin = ++at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        inside = text_.substr(begin, at_++ - begin);
        return true;
      }
    }
    return false;
  }
  bool literal(std::string_view word, JsonKind kind, JsonValue& value) {
    if (!text_.substr(at_).starts_with(word)) return false;
    value = {kind, text_.substr(at_, word.size())};
    at_ += word.size();
    return true;
  }
  bool number(JsonValue& value) {
    double parsed;
    const char* begin = text_.data() + at_;
    if (peek() != '-' && !base::is_digit(peek())) return false;
    auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), parsed);
    if (error == std::errc::invalid_argument) return false;
    size_t size = static_cast<size_t>(end - begin);
    if (!base::is_digit(text_[at_ + size - 1]) && text_[at_ + size - 1] != '.') return false;  // -inf
    value = {JsonKind::number, text_.substr(at_, size)};
    at_ += size;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  bool failed_ = false;

 public:
  bool failed() const { return failed_; }
};

// One step of a path. Of a key, `text` still has its backslashes.
struct Step {
  bool index = false;
  std::string_view key;
  size_t number = 0;
};

// The next step, `path` behind it; false: there is none, and `path` is empty when that is right.
bool next_step(std::string_view& path, Step& step) {
  if (path.empty()) return false;
  if (path.front() == '[') {
    size_t close = path.find(']');
    auto number = base::parse_int<size_t>(path.substr(1, close == std::string_view::npos ? 0 : close - 1));
    if (!number) return false;
    step = {.index = true, .key = {}, .number = *number};
    path.remove_prefix(close + 1);
    return true;
  }
  if (path.front() != '.') return false;
  size_t end = 1;
  while (end < path.size() && path[end] != '.' && path[end] != '[') end += path[end] == '\\' ? 2 : 1;
  end = std::min(end, path.size());
  step = {.index = false, .key = path.substr(1, end - 1), .number = 0};
  path.remove_prefix(end);
  return true;
}

bool same_key(std::string_view with_escapes, std::string_view key) {
  size_t at = 0;
  for (size_t i = 0; i < with_escapes.size(); ++i, ++at) {
    if (with_escapes[i] == '\\' && i + 1 < with_escapes.size()) ++i;
    if (at >= key.size() || key[at] != with_escapes[i]) return false;
  }
  return at == key.size();
}

void append_utf8(TextBuilder& to, uint32_t c) {
  char bytes[4];
  size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  if (size == 1) {
    bytes[0] = static_cast<char>(c);
  } else {
    for (size_t i = size - 1; i > 0; --i, c >>= 6) bytes[i] = static_cast<char>(0x80 | (c & 0x3f));
    bytes[0] = static_cast<char>((0xf00 >> size & 0xff) | c);
  }
  to.append({bytes, size});
}

bool hex4(std::string_view text, uint32_t& c) {
  if (text.size() < 4) return false;
  c = 0;
  for (size_t i = 0; i < 4; ++i) {
    int digit = base::hex_digit(text[i]);
    if (digit < 0) return false;
    c = c << 4 | static_cast<uint32_t>(digit);
  }
  return true;
}

// The character at the head of a text of UTF-8, and how many bytes it has; 0 bytes: none.
size_t take_utf8(std::string_view text, bool allow_overlong, uint32_t& c) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  uint8_t first = byte(0);
  size_t size = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
  if (size == 0 || size > text.size()) return 0;
  c = size == 1 ? first : first & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    c = c << 6 | (byte(i) & 0x3fu);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < kLeast[size] && !allow_overlong) return 0;
  bool surrogate = c >= 0xd800 && c <= 0xdfff, nothing = c == 0xfffe || c == 0xffff;
  return surrogate || nothing || c > 0xffff ? 0 : size;  // \u has four digits
}

}  // namespace

bool is_json_path(std::string_view path) {
  if (!path.starts_with('$')) return false;
  path.remove_prefix(1);
  Step step;
  while (next_step(path, step)) {
  }
  return path.empty();
}

bool find_json(std::string_view json, std::string_view path, JsonValue& value) {
  if (!path.starts_with('$')) return false;
  path.remove_prefix(1);
  JsonScanner scanner(json);
  Step step;
  while (next_step(path, step)) {
    bool found = false;
    size_t index = 0;
    for (bool more = scanner.open(!step.index); more; ++index) {
      std::string_view key;
      if (!step.index && !scanner.key(key)) return false;
      found = step.index ? index == step.number : same_key(step.key, key);
      if (found) break;
      if (!scanner.skip(value) || !scanner.next(!step.index, more)) return false;
    }
    if (!found) return false;
  }
  return path.empty() && scanner.skip(value);
}

bool unescape_json(std::string_view text, base::Arena& arena, std::string_view& plain) {
  size_t first = text.find('\\');
  if (first == std::string_view::npos) {
    plain = text;
    return true;
  }
  TextBuilder done(arena, text.size());
  for (size_t at = 0;;) {
    size_t escape = std::min(text.find('\\', at), text.size());
    done.append(text.substr(at, escape - at));
    if (escape + 1 >= text.size()) break;
    at = escape + 2;
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    size_t name = kNames.find(text[escape + 1]);
    uint32_t c, low;
    if (name != std::string_view::npos) {
      done.append(kMeanings.substr(name, 1));
    } else if (text[escape + 1] == 'u' && hex4(text.substr(at), c)) {
      at += 4;
      if (c >= 0xd800 && c < 0xdc00 && text.substr(at).starts_with("\\u") && hex4(text.substr(at + 2), low) &&
          low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
      append_utf8(done, c);
    } else {
      return false;
    }
  }
  plain = done.view();
  return true;
}

bool escape_json(std::string_view text, JsonInput input, base::Arena& arena, std::string_view& escaped) {
  TextBuilder done(arena, text.size() + text.size() / 8 + 16);
  for (size_t at = 0; at < text.size();) {
    uint32_t c = static_cast<uint8_t>(text[at]);
    size_t size = input.utf8 ? take_utf8(text.substr(at), input.allow_overlong, c) : 1;
    if (size == 0) {
      if (!input.drop_errors) return false;
      ++at;
      continue;
    }
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t", kNames = "\"\\/bfnrt";
    size_t name = c < 0x80 ? kMeanings.find(static_cast<char>(c)) : std::string_view::npos;
    if (name != std::string_view::npos) {
      char pair[] = {'\\', kNames[name]};
      done.append({pair, 2});
    } else if (c >= 0x20 && c < 0x7f) {
      done.append(text.substr(at, 1));
    } else {
      constexpr std::string_view kDigits = "0123456789abcdef";
      char code[] = {'\\', 'u', kDigits[c >> 12], kDigits[c >> 8 & 15], kDigits[c >> 4 & 15], kDigits[c & 15]};
      done.append({code, sizeof code});
    }
    at += size;
  }
  escaped = done.view();
  return true;
}

}  // namespace lbd::expr
