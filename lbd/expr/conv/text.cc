// Converters on text: case, parts, regular expressions, lengths, joining, comparing. Manual: 7.3.1.
#include <openssl/crypto.h>

#include <algorithm>
#include <limits>

#include "base/strings.h"
#include "lbd/expr/context.h"
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

// The delimiters of field and word; of what does not exist, word makes an empty text and field nothing.
bool prepare_part(Prepare& prepare) {
  if (prepare.args[1].text.empty())
    prepare.error = "the list of delimiters is empty";
  else if (prepare.args[0].number == 0)
    prepare.error = "the first one is number 1, the last one -1";
  return prepare.error.empty();
}

// Where piece number `from` begins and piece number `to` ends, counted from 1; a piece is what stands between two
// delimiters, or between runs of them. Returns how many pieces were seen.
int64_t scan_parts(std::string_view text, std::string_view delimiters, bool runs, int64_t from, int64_t to,
                   size_t& begin, size_t& end) {
  int64_t seen = 0;
  for (size_t at = 0; at <= text.size() && seen < to;) {
    size_t stop = std::min(text.find_first_of(delimiters, at), text.size());
    if (!runs || stop > at) {
      ++seen;
      if (seen == from) begin = at;
      end = stop;
    }
    at = stop + 1;
  }
  return seen;
}

// field(3,:) counts delimiters, word(3,:) counts what stands between runs of them. From a negative number on, which
// counts from the end, more pieces are those before it. A count beyond what is there, or 0, means all to that end of
// the text, with its delimiters.
bool part(const ConverterCall& call, Value& value, bool runs) {
  constexpr int64_t kAll = std::numeric_limits<int64_t>::max();
  int64_t index = call.arg(0).number, count = call.arg(2).given() ? call.arg(2).number : 1;
  if (count <= 0) count = kAll;
  std::string_view text = value.view(), delimiters = call.arg(1).text;
  size_t begin = 0, end = 0;
  bool there;
  if (index > 0) {
    int64_t last = count > kAll - index ? kAll : index + count - 1;
    int64_t seen = scan_parts(text, delimiters, runs, index, last, begin, end);
    there = seen >= index;
    if (there && seen < last) end = text.size();
  } else {
    int64_t total = scan_parts(text, delimiters, runs, 0, kAll, begin, end);
    int64_t last = total + index + 1;
    there = last > 0;
    if (there) scan_parts(text, delimiters, runs, last - count + 1, last, begin, end);
  }
  if (!there && !runs) return false;
  value.set_text(there ? text.substr(begin, end - begin) : std::string_view("", 0));
  return true;
}
bool field(const ConverterCall& call, Transaction&, Value& value) {
  return part(call, value, false);
}
bool word(const ConverterCall& call, Transaction&, Value& value) {
  return part(call, value, true);
}

bool prepare_regsub(Prepare& prepare) {
  if (prepare.args[0].text.empty()) {
    prepare.error = "the regular expression is empty";
    return false;
  }
  for (char flag : prepare.args[2].text) {
    if (flag == 'g' || flag == 'i') continue;
    prepare.error = "the flags are g (everywhere) and i (ignore case)";
    return false;
  }
  auto substitution = Substitution::compile(prepare.args[1].text);
  if (substitution)
    *prepare.data = prepare.context.storage.make<Substitution>(std::move(*substitution));
  else
    prepare.error = substitution.error().text;
  return *prepare.data != nullptr;
}

bool regsub(const ConverterCall& call, Transaction& t, Value& value) {
  const auto* substitution = static_cast<const Substitution*>(call.data);
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

// Of an optional variable: what is not set is an empty text.
std::string_view variable(const Arg& arg, Transaction& t) {
  Value value;
  bool there = arg.given() && get_var(t, arg.var, value) && cast(value, Type::string, t.arena);
  return there ? value.view() : std::string_view();
}

std::string_view joined(Transaction& t, std::string_view a, std::string_view b, std::string_view c,
                        std::string_view d) {
  TextBuilder done(t.arena, a.size() + b.size() + c.size() + d.size());
  for (std::string_view part : {a, b, c, d}) done.append(part);
  return done.view();
}

bool concat(const ConverterCall& call, Transaction& t, Value& value) {
  value.set_text(joined(t, value.view(), call.arg(0).text, variable(call.arg(1), t), call.arg(2).text));
  return true;
}

bool prepare_add_item(Prepare& prepare) {
  if (prepare.args[1].given() || !prepare.args[2].text.empty()) return true;
  prepare.error = "needs a variable or a text to add";
  return false;
}
bool add_item(const ConverterCall& call, Transaction& t, Value& value) {
  std::string_view item = variable(call.arg(1), t), suffix = call.arg(2).text;
  bool delimit = !value.view().empty() && !(item.empty() && suffix.empty());
  value.set_text(joined(t, value.view(), delimit ? call.arg(0).text : std::string_view(), item, suffix));
  return true;
}

bool compare(const ConverterCall& call, Transaction& t, Value& value) {
  Value other;
  if (!get_var(t, call.arg(0).var, other) || !cast(other, Type::string, t.arena)) return false;
  std::string_view left = value.view(), right = other.view();
  size_t common = std::min(left.size(), right.size());
  int order = common ? std::memcmp(left.data(), right.data(), common) : 0;
  if (order == 0) order = left.size() == right.size() ? 0 : left.size() > right.size() ? 1 : -1;
  value.set_int(order);
  return true;
}
// In a time that does not tell where two texts of the same length differ.
bool compare_securely(const ConverterCall& call, Transaction& t, Value& value) {
  Value other;
  if (!get_var(t, call.arg(0).var, other) || !cast(other, Type::binary, t.arena)) return false;
  bool same = value.text.size == other.text.size &&
              (value.text.size == 0 || CRYPTO_memcmp(value.text.data, other.text.data, value.text.size) == 0);
  value.set_bool(same);
  return true;
}

bool cut_line(const ConverterCall&, Transaction&, Value& value) {
  std::string_view text = value.view();
  value.set_text(text.substr(0, text.find_first_of("\r\n")));
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

constexpr ArgSpecs kPart = {{{ArgKind::number}, {ArgKind::text}, {ArgKind::number, true}}};
constexpr ArgSpecs kVar = {{{ArgKind::var}}};
constexpr ArgSpecs kText = {{{ArgKind::text}}};
constexpr ConverterRow kRows[] = {
    {.name = "lower", .doc = "The text in lower case.", .run = to_lower},
    {.name = "upper", .doc = "The text in upper case.", .run = to_upper},
    {.name = "length", .doc = "The length of the text.", .out = Type::integer, .run = length},
    {.name = "field",
     .doc = "The nth part between delimiters, or several.",
     .args = kPart,
     .run = field,
     .prepare = prepare_part},
    {.name = "word",
     .doc = "The nth part between runs of delimiters, or several.",
     .args = kPart,
     .run = word,
     .prepare = prepare_part},
    {.name = "regsub",
     .doc = "Replaces what a regular expression matches, everywhere with flag g.",
     .args = {{{ArgKind::regex}, {ArgKind::text}, {ArgKind::text, true}}},
     .run = regsub,
     .prepare = prepare_regsub},
    {.name = "concat",
     .doc = "Appends a text, a variable and another text, each as far as it is there.",
     .args = {{{ArgKind::text, true}, {ArgKind::var, true}, {ArgKind::text, true}}},
     .run = concat},
    {.name = "add_item",
     .doc = "Appends a variable and a text, after a delimiter when something stood there.",
     .args = {{{ArgKind::text}, {ArgKind::var, true}, {ArgKind::text, true}}},
     .run = add_item,
     .prepare = prepare_add_item},
    {.name = "strcmp",
     .doc = "Compares with a variable: negative, 0 or positive.",
     .args = kVar,
     .out = Type::integer,
     .run = compare},
    {.name = "secure_memcmp",
     .doc = "Whether the bytes are those of a variable, in constant time.",
     .args = kVar,
     .in = Type::binary,
     .out = Type::boolean,
     .run = compare_securely},
    {.name = "cut_crlf", .doc = "The text up to the first CR or LF.", .run = cut_line},
    {.name = "ltrim", .doc = "Strips characters at the beginning.", .args = kText, .run = ltrim},
    {.name = "rtrim", .doc = "Strips characters at the end.", .args = kText, .run = rtrim},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
