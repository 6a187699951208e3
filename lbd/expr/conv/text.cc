// Converters on text: case, parts, regular expressions, lengths, joining.
#include <algorithm>

#include "base/strings.h"
#include "lbd/expr/regex.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

bool change_case(Transaction& t, Value& value, bool up) {
  std::string_view from = value.view();
  char* to = t.arena.alloc_chars(from.size());
  for (size_t i = 0; i < from.size(); ++i)
    to[i] =
        up ? (from[i] >= 'a' && from[i] <= 'z' ? static_cast<char>(from[i] - 32) : from[i]) : base::to_lower(from[i]);
  value.set_text({to, from.size()});
  return true;
}

bool to_lower(const ConverterCall&, Transaction& t, Value& value) {
  return change_case(t, value, false);
}
bool to_upper(const ConverterCall&, Transaction& t, Value& value) {
  return change_case(t, value, true);
}

bool length(const ConverterCall&, Transaction&, Value& value) {
  value.set_int(static_cast<int64_t>(value.text.size));
  return true;
}

// field(3,:) counts delimiters, word(3,:) counts what stands between runs of them; negative numbers count from the end.
bool part(const ConverterCall& call, Value& value, bool runs) {
  int64_t wanted = call.arg(0).number;
  std::string_view delimiters = call.arg(1).text, text = value.view();
  if (wanted == 0) return false;
  std::string_view found;
  int64_t total = 0;
  auto scan = [&](int64_t target) {
    total = 0;
    for (size_t from = 0; from <= text.size();) {
      size_t to = text.find_first_of(delimiters, from);
      if (to == std::string_view::npos) to = text.size();
      if (!runs || to > from) {
        ++total;
        if (total == target) {
          found = text.substr(from, to - from);
          return true;
        }
      }
      from = to + 1;
    }
    return false;
  };
  bool there = scan(wanted > 0 ? wanted : 0);
  if (wanted < 0) there = total + wanted + 1 > 0 && scan(total + wanted + 1);
  if (!there && runs) return false;
  value.set_text(there ? found : std::string_view("", 0));
  return true;
}
bool field(const ConverterCall& call, Transaction&, Value& value) {
  return part(call, value, false);
}
bool word(const ConverterCall& call, Transaction&, Value& value) {
  return part(call, value, true);
}

bool regsub(const ConverterCall& call, Transaction& t, Value& value) {
  auto substitution = Substitution::compile(call.arg(1).text);
  if (!substitution) return false;
  bool all = call.arg(2).text.find('g') != std::string_view::npos;
  std::string_view text = value.view();
  TextBuilder done(t.arena, text.size());
  size_t from = 0;
  Regex::Groups groups;
  while (from <= text.size() && call.arg(0).regex->match(text, from, groups)) {
    auto start = static_cast<size_t>(groups.text[0].data() - text.data());
    done.append(text.substr(from, start - from));
    substitution->append(groups, done);
    from = start + groups.text[0].size();
    if (!all) break;
    if (groups.text[0].empty()) {
      if (from < text.size()) done.append(text.substr(from, 1));
      ++from;
    }
  }
  if (from < text.size()) done.append(text.substr(from));
  value.set_text(done.view());
  return true;
}

bool concat(const ConverterCall& call, Transaction& t, Value& value) {
  value.set_text(t.arena.concat(value.view(), call.arg(0).text));
  return true;
}

bool strip(Value& value, std::string_view of, bool left, bool right) {
  std::string_view text = value.view();
  while (left && !text.empty() && of.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  while (right && !text.empty() && of.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  value.set_text(text);
  return true;
}
bool ltrim(const ConverterCall& call, Transaction&, Value& value) {
  return strip(value, call.arg(0).text, true, false);
}
bool rtrim(const ConverterCall& call, Transaction&, Value& value) {
  return strip(value, call.arg(0).text, false, true);
}

constexpr ArgSpecs kPart = {{{ArgKind::number}, {ArgKind::text}}};
constexpr ArgSpecs kText = {{{ArgKind::text}}};
constexpr ConverterRow kRows[] = {
    {.name = "lower", .doc = "The text in lower case.", .run = to_lower},
    {.name = "upper", .doc = "The text in upper case.", .run = to_upper},
    {.name = "length", .doc = "The length of the text.", .out = Type::integer, .run = length},
    {.name = "field", .doc = "The nth part between delimiters.", .args = kPart, .run = field},
    {.name = "word", .doc = "The nth part between runs of delimiters.", .args = kPart, .run = word},
    {.name = "regsub",
     .doc = "Replaces what a regular expression matches, everywhere with flag g.",
     .args = {{{ArgKind::regex}, {ArgKind::text}, {ArgKind::text, true}}},
     .run = regsub},
    {.name = "concat", .doc = "Appends a text.", .args = kText, .run = concat},
    {.name = "ltrim", .doc = "Strips characters at the beginning.", .args = kText, .run = ltrim},
    {.name = "rtrim", .doc = "Strips characters at the end.", .args = kText, .run = rtrim},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
