// Converters that look their input up in a map: map(FILE[,DEFAULT]), map_METHOD, map_METHOD_TYPE, and map_regm, whose
// value may name groups of the expression. The maps are those of PatternFiles. Manual: 7.3.1 map.
#include <fmt/core.h>

#include "base/strings.h"
#include "lbd/expr/context.h"
#include "lbd/expr/pattern.h"
#include "lbd/expr/pattern_files.h"
#include "lbd/expr/row.h"
#include "lbd/expr/text_builder.h"

namespace lbd::expr {
namespace {

enum class Output : uint8_t { text, integer, address, key, groups };

struct MapUse {
  PatternRef* map = nullptr;
  size_t use = 0;
  base::IpAddr otherwise;  // the default of address maps
};

template <Match match, Output output>
bool prepare_map(Prepare& prepare) {
  auto* made = prepare.context.storage.make<MapUse>();
  const Arg& otherwise = prepare.args[1];
  if (output == Output::address && otherwise.given()) {
    auto ip = base::IpAddr::parse(otherwise.text);
    if (ip)
      made->otherwise = *ip;
    else
      prepare.error = fmt::format("the default '{}' is not an IP address", otherwise.text);
  }
  if (prepare.error.empty())
    made->map = prepare.context.pattern_files().open(prepare.args[0].text, true, prepare.error);
  if (prepare.error.empty()) made->use = made->map->add_use(match, false, prepare.error);
  if (prepare.error.empty() && output == Output::integer) prepare.error = made->map->require_values(Type::integer);
  if (prepare.error.empty() && output == Output::address) prepare.error = made->map->require_values(Type::address);
  if (!prepare.error.empty()) return false;
  made->map->used_by("map", prepare.location.file(), prepare.location.line);
  *prepare.data = made;
  return true;
}

// \N is a group of the match, any other \c is c.
std::string_view with_groups(std::string_view text, const Regex::Groups& groups, base::Arena& arena) {
  TextBuilder made(arena, text.size() + 64);
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      made.append(text.substr(at, 1));
      continue;
    }
    char next = text[++at];
    if (base::is_digit(next))
      made.append(groups.text[static_cast<size_t>(next - '0')]);
    else
      made.append(text.substr(at, 1));
  }
  return made.view();
}

bool give_default(const ConverterCall& call, const MapUse& data, Output output, Value& value) {
  const Arg& otherwise = call.arg(1);
  if (!otherwise.given()) return false;
  if (output == Output::integer)
    value.set_int(otherwise.number);
  else if (output == Output::address)
    value.set_ip(data.otherwise);
  else
    value.set_text(otherwise.text);
  return true;
}

// What is found is copied: the entry may be gone in the next turn.
template <Output output>
bool look_up(const ConverterCall& call, Transaction& t, Value& value) {
  const auto& data = *static_cast<const MapUse*>(call.data);
  Regex::Groups groups;
  const PatternEntry* entry = output == Output::groups ? data.map->find_groups(data.use, value.view(), groups)
                                                       : data.map->find(data.use, value);
  if (!entry) return give_default(call, data, output, value);
  const PatternValue* kept = entry->value.load(std::memory_order_acquire);
  std::string_view text = kept ? kept->text() : std::string_view();
  switch (output) {
    case Output::text:
      value.set_text(t.arena.copy(text));
      return true;
    case Output::key:
      value.set_text(t.arena.copy(entry->key()));
      return true;
    case Output::groups:
      value.set_text(with_groups(text, groups, t.arena));
      return true;
    case Output::integer: {
      auto number = base::parse_int<int64_t>(text);
      if (number) value.set_int(*number);
      return number.has_value();
    }
    case Output::address: {
      auto ip = base::IpAddr::parse(text);
      if (ip) value.set_ip(*ip);
      return bool{ip};
    }
  }
  return false;
}

template <Match match, Output output>
constexpr ConverterRow row(std::string_view name, std::string_view doc) {
  return {.name = name,
          .doc = doc,
          .args = {{{ArgKind::text}, {output == Output::integer ? ArgKind::number : ArgKind::text, true}}},
          .in = match == Match::integer ? Type::integer
                : match == Match::ip    ? Type::address
                                        : Type::string,
          .out = output == Output::integer   ? Type::integer
                 : output == Output::address ? Type::address
                                             : Type::string,
          .run = look_up<output>,
          .prepare = prepare_map<match, output>,
          .pure = false};
}

constexpr ConverterRow kRows[] = {
    row<Match::string, Output::text>("map", "The value of the key in a map, or a default."),
    row<Match::string, Output::text>("map_str", "Looks a text up in a map by whole keys: the value."),
    row<Match::string, Output::text>("map_str_str", "Looks a text up in a map by whole keys: the value."),
    row<Match::string, Output::integer>("map_str_int",
                                        "Looks a text up in a map by whole keys: the value as a number."),
    row<Match::string, Output::address>("map_str_ip",
                                        "Looks a text up in a map by whole keys: the value as an address."),
    row<Match::string, Output::key>("map_str_key", "Looks a text up in a map by whole keys: the key itself."),
    row<Match::begin, Output::text>("map_beg",
                                    "Looks a text up in a map by the longest key that it begins with: the value."),
    row<Match::begin, Output::text>("map_beg_str",
                                    "Looks a text up in a map by the longest key that it begins with: the value."),
    row<Match::begin, Output::integer>(
        "map_beg_int", "Looks a text up in a map by the longest key that it begins with: the value as a number."),
    row<Match::begin, Output::address>(
        "map_beg_ip", "Looks a text up in a map by the longest key that it begins with: the value as an address."),
    row<Match::begin, Output::key>("map_beg_key",
                                   "Looks a text up in a map by the longest key that it begins with: the key itself."),
    row<Match::end, Output::text>("map_end", "Looks a text up in a map by keys that it ends with: the value."),
    row<Match::end, Output::text>("map_end_str", "Looks a text up in a map by keys that it ends with: the value."),
    row<Match::end, Output::integer>("map_end_int",
                                     "Looks a text up in a map by keys that it ends with: the value as a number."),
    row<Match::end, Output::address>("map_end_ip",
                                     "Looks a text up in a map by keys that it ends with: the value as an address."),
    row<Match::end, Output::key>("map_end_key", "Looks a text up in a map by keys that it ends with: the key itself."),
    row<Match::sub, Output::text>("map_sub", "Looks a text up in a map by keys anywhere in it: the value."),
    row<Match::sub, Output::text>("map_sub_str", "Looks a text up in a map by keys anywhere in it: the value."),
    row<Match::sub, Output::integer>("map_sub_int",
                                     "Looks a text up in a map by keys anywhere in it: the value as a number."),
    row<Match::sub, Output::address>("map_sub_ip",
                                     "Looks a text up in a map by keys anywhere in it: the value as an address."),
    row<Match::sub, Output::key>("map_sub_key", "Looks a text up in a map by keys anywhere in it: the key itself."),
    row<Match::dir, Output::text>(
        "map_dir", "Looks a text up in a map by keys that are whole parts of it between slashes: the value."),
    row<Match::dir, Output::text>(
        "map_dir_str", "Looks a text up in a map by keys that are whole parts of it between slashes: the value."),
    row<Match::dir, Output::integer>(
        "map_dir_int",
        "Looks a text up in a map by keys that are whole parts of it between slashes: the value as a number."),
    row<Match::dir, Output::address>(
        "map_dir_ip",
        "Looks a text up in a map by keys that are whole parts of it between slashes: the value as an address."),
    row<Match::dir, Output::key>(
        "map_dir_key", "Looks a text up in a map by keys that are whole parts of it between slashes: the key itself."),
    row<Match::domain, Output::text>(
        "map_dom", "Looks a text up in a map by keys that are whole parts of it between dots and slashes: the value."),
    row<Match::domain, Output::text>(
        "map_dom_str",
        "Looks a text up in a map by keys that are whole parts of it between dots and slashes: the value."),
    row<Match::domain, Output::integer>(
        "map_dom_int",
        "Looks a text up in a map by keys that are whole parts of it between dots and slashes: the value as a number."),
    row<Match::domain, Output::address>("map_dom_ip",
                                        "Looks a text up in a map by keys that are whole parts of it between dots and "
                                        "slashes: the value as an address."),
    row<Match::domain, Output::key>(
        "map_dom_key",
        "Looks a text up in a map by keys that are whole parts of it between dots and slashes: the key itself."),
    row<Match::regex, Output::text>("map_reg", "Looks a text up in a map by regular expressions: the value."),
    row<Match::regex, Output::text>("map_reg_str", "Looks a text up in a map by regular expressions: the value."),
    row<Match::regex, Output::integer>("map_reg_int",
                                       "Looks a text up in a map by regular expressions: the value as a number."),
    row<Match::regex, Output::address>("map_reg_ip",
                                       "Looks a text up in a map by regular expressions: the value as an address."),
    row<Match::regex, Output::key>("map_reg_key", "Looks a text up in a map by regular expressions: the key itself."),
    row<Match::integer, Output::text>("map_int", "Looks a number up in a map by numbers and ranges: the value."),
    row<Match::integer, Output::text>("map_int_str", "Looks a number up in a map by numbers and ranges: the value."),
    row<Match::integer, Output::integer>("map_int_int",
                                         "Looks a number up in a map by numbers and ranges: the value as a number."),
    row<Match::integer, Output::address>("map_int_ip",
                                         "Looks a number up in a map by numbers and ranges: the value as an address."),
    row<Match::integer, Output::key>("map_int_key",
                                     "Looks a number up in a map by numbers and ranges: the key itself."),
    row<Match::ip, Output::text>("map_ip",
                                 "Looks an address up in a map by the most specific address or network: the value."),
    row<Match::ip, Output::text>("map_ip_str",
                                 "Looks an address up in a map by the most specific address or network: the value."),
    row<Match::ip, Output::integer>(
        "map_ip_int", "Looks an address up in a map by the most specific address or network: the value as a number."),
    row<Match::ip, Output::address>(
        "map_ip_ip", "Looks an address up in a map by the most specific address or network: the value as an address."),
    row<Match::ip, Output::key>(
        "map_ip_key", "Looks an address up in a map by the most specific address or network: the key itself."),
    row<Match::regex, Output::groups>("map_regm",
                                      "Looks a text up in a map by regular expressions; \\1 in the value is a group."),
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
