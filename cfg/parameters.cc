#include "cfg/parameters.h"

#include <algorithm>
#include <cstdlib>
#include <random>

#include "base/strings.h"

namespace cfg {
namespace {

// A value that contains itself would be replaced for ever.
constexpr size_t kMostPerLine = 10000;

bool is_name_char(char c) {
  return base::is_digit(c) || c == '_' || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z');
}

std::vector<std::string_view> blank_separated(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::string_view piece : base::split(text, ' '))
    if (piece = base::trim(piece); !piece.empty()) words.push_back(piece);
  return words;
}

}  // namespace

Text Text::of_line(const Source& source, uint32_t line) {
  Text text;
  text.chars = source.line(line);
  if (!text.chars.empty() && text.chars.back() == '\r') text.chars.pop_back();
  text.marks.reserve(text.size());
  for (uint32_t i = 0; i < text.size(); ++i) text.marks.push_back({&source, line, i + 1});
  return text;
}

Text Text::made(std::string_view chars, const Mark& where) {
  return {std::string(chars), std::vector<Mark>(chars.size(), where)};
}

Text Text::slice(size_t from, size_t length) const {
  from = std::min(from, size());
  length = std::min(length, size() - from);
  const auto begin = marks.begin() + static_cast<ptrdiff_t>(from);
  return {chars.substr(from, length), {begin, begin + static_cast<ptrdiff_t>(length)}};
}

void Text::replace(size_t from, size_t length, const Text& with) {
  length = std::min(length, size() - from);
  chars.replace(from, length, with.chars);
  const auto begin = marks.begin() + static_cast<ptrdiff_t>(from);
  const auto at = marks.erase(begin, begin + static_cast<ptrdiff_t>(length));
  marks.insert(at, with.marks.begin(), with.marks.end());
}

void Text::trim_left() {
  size_t blanks = 0;
  while (blanks < size() && base::is_space(chars[blanks])) ++blanks;
  if (blanks) replace(0, blanks, {});
}

Location Text::locate(size_t from, size_t length) const {
  if (marks.empty()) return {};
  from = std::min(from, size() - 1);
  const Mark& first = marks[from];
  uint32_t together = 1;
  while (together < length && from + together < size()) {
    const Mark& next = marks[from + together];
    if (next.source != first.source || next.line != first.line || next.column != first.column + together) break;
    ++together;
  }
  return {first.source, first.line, first.column, together};
}

size_t Parameters::name_length(std::string_view text) {
  if (text.empty() || base::is_digit(text[0])) return 0;
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_name_char) - text.begin());
}

void Parameters::forget(std::string_view name) {
  if (const auto it = values_.find(name); it != values_.end()) values_.erase(it);
}

bool Parameters::predefined(std::string_view content, const Text::Mark& where, std::vector<Text>& value) const {
  const auto words = blank_separated(content);
  const auto give = [&](std::string_view text) {
    value = {Text::made(text, where)};
    return true;
  };
  if (words.empty()) return false;
  if (words[0] == "_HASH") return give("#");
  if (words[0] == "_BANG") return give("!");
  if (words[0] == "_ENV" && words.size() == 2) {
    const char* found = std::getenv(std::string(words[1]).c_str());
    return found ? give(found) : false;
  }
  if (words[0] == "_RANDOM" && words.size() <= 3) {
    const uint32_t least = words.size() > 1 ? base::parse_int<uint32_t>(words[1]).value_or(0) : 0;
    const uint32_t most = words.size() > 2 ? base::parse_int<uint32_t>(words[2]).value_or(32767) : 32767;
    std::random_device device;
    return give(std::to_string(std::uniform_int_distribution<uint32_t>(least, std::max(least, most))(device)));
  }
  return false;
}

bool Parameters::find_use(const Text& line, size_t from, Use& use) {
  const std::string_view chars = line.chars;
  for (size_t at = chars.find('$', from); at != std::string_view::npos; at = chars.find('$', at + 1)) {
    std::string_view name = chars.substr(at + 1);
    if (name.starts_with('{')) {
      const size_t close = name.find('}');
      if (close == std::string_view::npos) continue;
      name = name.substr(1, close - 1);
      use.length = close + 2;
    } else {
      const size_t length = name_length(name);
      if (length == 0 || (length < name.size() && !base::is_space(name[length]))) continue;
      name = name.substr(0, length);
      use.length = length + 1;
    }
    use.at = at;
    if (const auto it = values_.find(name); it != values_.end()) {
      use.value = it->second;
      return true;
    }
    if (predefined(name, line.marks[at], use.value)) return true;
  }
  return false;
}

Substituted Parameters::substitute(Text line) {
  Substituted result;
  Use use;
  size_t count = 0;
  for (size_t from = 0; find_use(line, from, use); from = use.at) {
    size_t cost = 1;
    for (const Text& piece : use.value) cost += piece.size();
    if (cost > budget_ || ++count > kMostPerLine) {
      result.endless = true;
      break;
    }
    budget_ -= cost;
    if (use.value.size() > 1) {
      Text behind = line.slice(use.at + use.length);
      line.replace(use.at, std::string::npos, use.value.front());
      result.rest.insert(result.rest.begin(), use.value.begin() + 1, use.value.end());
      result.rest[use.value.size() - 2].append(behind);
      continue;
    }
    line.replace(use.at, use.length, use.value.empty() ? Text{} : use.value.front());
  }
  result.first = std::move(line);
  return result;
}

}  // namespace cfg
