#include "lbd/expr/pattern.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "base/strings.h"

namespace lbd::expr {
namespace {

constexpr MatchRow kRows[] = {
    {"bool", "True when the sample is not zero.", Match::boolean, Type::boolean},
    {"int", "Numbers, ranges low:high, and the operators eq ge gt le lt.", Match::integer, Type::integer},
    {"ip", "Addresses and networks.", Match::ip, Type::address},
    {"bin", "Bytes in hexadecimal.", Match::binary, Type::binary},
    {"str", "The whole text.", Match::string, Type::string},
    {"beg", "The beginning of the text.", Match::begin, Type::string},
    {"end", "The end of the text.", Match::end, Type::string},
    {"sub", "Anywhere in the text.", Match::sub, Type::string},
    {"dir", "A whole part of the text between slashes.", Match::dir, Type::string},
    {"dom", "A whole part of the text between slashes, dots, colons or question marks.", Match::domain, Type::string},
    {"reg", "A regular expression (PCRE2).", Match::regex, Type::string},
    {"len", "The length of the text, as a number.", Match::length, Type::string},
    {"found", "True when there is a sample at all.", Match::found, Type::any},
};
const Matches kEnrol(kRows);

}  // namespace

const MatchRow& row_of(Match match) {
  return *std::find_if(std::begin(kRows), std::end(kRows), [&](const MatchRow& row) { return row.match == match; });
}

PatternSet::PatternSet(Match match, bool ignore_case)
    : match_(match), grace_(std::make_unique<base::Grace>()), own_(std::make_unique<PatternRef>("", false, *grace_)) {
  use(*own_, ignore_case);
}

std::string PatternSet::use(PatternRef& list, bool ignore_case) {
  std::string error;
  size_t number = list.add_use(match_, ignore_case, error);
  if (error.empty()) parts_.push_back({&list, number});
  return error;
}

std::string PatternSet::add(std::string_view pattern, std::string_view comparison) {
  PatternRef& list = *parts_.back().list;
  std::string range;
  if (match_ == Match::integer || match_ == Match::length) {
    NumberRange checked;
    if (std::string error = parse_range(pattern, checked); !error.empty()) return error;
    pattern = range = as_range(pattern, comparison);
    if (range.empty()) return {};
  }
  return list.load_entry(pattern, {}, list.count() + 1);
}

bool PatternSet::empty() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.list->empty(); });
}

size_t PatternSet::size() const {
  size_t all = 0;
  for (const Part& part : parts_) all += part.list->count();
  return all;
}

std::string as_range(std::string_view pattern, std::string_view comparison) {
  auto number = base::parse_int<int64_t>(pattern);
  if (!number || *number < 0 || comparison == "eq") return std::string(pattern);
  if (comparison == "ge") return fmt::format("{}:", *number);
  if (comparison == "le") return fmt::format(":{}", *number);
  if (comparison == "lt") return fmt::format(":{}", *number - 1);
  return *number == std::numeric_limits<int64_t>::max() ? std::string() : fmt::format("{}:", *number + 1);
}

std::string from_dotted(std::string_view pattern) {
  std::string out;
  size_t cut = pattern.find_first_of(":-");
  auto append = [&](std::string_view version) {
    if (version.empty()) return true;
    size_t dot = version.find('.');
    auto major = base::parse_int<uint16_t>(version.substr(0, dot));
    auto minor = dot == std::string_view::npos ? std::optional<uint16_t>(uint16_t{0})
                                               : base::parse_int<uint16_t>(version.substr(dot + 1));
    if (!major || !minor) return false;
    out += std::to_string(uint32_t{*major} << 16 | *minor);
    return true;
  };
  if (!append(pattern.substr(0, cut))) return {};
  if (cut == std::string_view::npos) return out;
  out += ':';
  return append(pattern.substr(cut + 1)) ? out : std::string();
}

}  // namespace lbd::expr
