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

unsigned network_key(base::Family family, unsigned length) {
  return (family == base::Family::v6 ? 1000u : 0u) + length;
}

std::string masked(const base::IpAddr& ip, unsigned length) {
  std::string bytes(reinterpret_cast<const char*>(ip.bytes.data()), ip.length());
  for (unsigned i = 0; i < bytes.size(); ++i) {
    unsigned keep = length > 8 * i ? std::min(8u, length - 8 * i) : 0;
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) & (0xff00u >> keep & 0xffu));
  }
  return bytes;
}

bool same(char a, char b, bool ignore_case) {
  return a == b || (ignore_case && base::to_lower(a) == base::to_lower(b));
}

bool starts(std::string_view text, std::string_view with, bool ignore_case) {
  if (with.size() > text.size()) return false;
  for (size_t i = 0; i < with.size(); ++i)
    if (!same(text[i], with[i], ignore_case)) return false;
  return true;
}

size_t find(std::string_view text, std::string_view part, bool ignore_case, size_t from = 0) {
  if (!ignore_case) return text.find(part, from);
  for (size_t at = from; at + part.size() <= text.size(); ++at)
    if (starts(text.substr(at), part, true)) return at;
  return std::string_view::npos;
}

// The pattern as a whole part of the text between any of the delimiters.
bool has_part(std::string_view text, std::string_view part, std::string_view delimiters, bool ignore_case) {
  while (!part.empty() && delimiters.find(part.front()) != std::string_view::npos) part.remove_prefix(1);
  while (!part.empty() && delimiters.find(part.back()) != std::string_view::npos) part.remove_suffix(1);
  for (size_t at = find(text, part, ignore_case); at != std::string_view::npos;
       at = find(text, part, ignore_case, at + 1)) {
    bool left = at == 0 || delimiters.find(text[at - 1]) != std::string_view::npos;
    size_t end = at + part.size();
    bool right = end == text.size() || delimiters.find(text[end]) != std::string_view::npos;
    if (left && right) return true;
    if (at + 1 > text.size()) break;
  }
  return false;
}

}  // namespace

std::string PatternSet::add_number(std::string_view pattern, std::string_view comparison) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min(), kMost = std::numeric_limits<int64_t>::max();
  size_t colon = pattern.find(':');
  std::string_view first = pattern.substr(0, colon);
  auto low = first.empty() && colon != std::string_view::npos ? std::optional(kLeast) : base::parse_int<int64_t>(first);
  if (!low) return fmt::format("'{}' is not a number", pattern);
  if (colon != std::string_view::npos) {
    std::string_view last = pattern.substr(colon + 1);
    auto high = last.empty() ? std::optional(kMost) : base::parse_int<int64_t>(last);
    if (!high) return fmt::format("'{}' is not a range of numbers", pattern);
    if (comparison != "eq") return fmt::format("a range cannot be combined with '{}'", comparison);
    ranges_.push_back({*low, *high});
  } else if (comparison == "eq") {
    ranges_.push_back({*low, *low});
  } else if (comparison == "ge") {
    ranges_.push_back({*low, kMost});
  } else if (comparison == "gt") {
    if (*low < kMost) ranges_.push_back({*low + 1, kMost});
  } else if (comparison == "le") {
    ranges_.push_back({kLeast, *low});
  } else {
    if (*low > kLeast) ranges_.push_back({kLeast, *low - 1});
  }
  return {};
}

std::string PatternSet::add_network(std::string_view pattern) {
  auto network = base::IpPrefix::parse(pattern);
  if (!network) return fmt::format("'{}' is not an IP address or network", pattern);
  networks_[network_key(network->ip.family, network->length)].insert(masked(network->ip, network->length));
  return {};
}

std::string PatternSet::add(std::string_view pattern, std::string_view comparison) {
  std::string error;
  switch (match_) {
    case Match::boolean:
    case Match::found:
      break;
    case Match::integer:
    case Match::length:
      error = add_number(pattern, comparison);
      break;
    case Match::ip:
      error = add_network(pattern);
      break;
    case Match::binary: {
      std::string bytes;
      if (pattern.size() % 2) return fmt::format("'{}' has an odd number of hexadecimal digits", pattern);
      for (size_t i = 0; i < pattern.size(); i += 2) {
        int high = base::hex_digit(pattern[i]), low = base::hex_digit(pattern[i + 1]);
        if (high < 0 || low < 0) return fmt::format("'{}' is not hexadecimal", pattern);
        bytes += static_cast<char>(high * 16 + low);
      }
      exact_.insert(std::move(bytes));
      break;
    }
    case Match::string:
      exact_.insert(ignore_case_ ? base::lower(pattern) : std::string(pattern));
      break;
    case Match::regex: {
      auto compiled = Regex::compile(pattern, ignore_case_);
      if (!compiled) return compiled.error().text;
      regexes_.push_back(std::move(*compiled));
      break;
    }
    case Match::begin:
    case Match::end:
    case Match::sub:
    case Match::dir:
    case Match::domain:
      texts_.emplace_back(pattern);
      break;
  }
  if (error.empty()) ++count_;
  return error;
}

bool PatternSet::matches_text(std::string_view text) const {
  for (const std::string& pattern : texts_) {
    bool hit = false;
    if (match_ == Match::begin)
      hit = starts(text, pattern, ignore_case_);
    else if (match_ == Match::end)
      hit = pattern.size() <= text.size() && starts(text.substr(text.size() - pattern.size()), pattern, ignore_case_);
    else if (match_ == Match::sub)
      hit = find(text, pattern, ignore_case_) != std::string_view::npos;
    else
      hit = has_part(text, pattern, match_ == Match::dir ? "/?" : "/?.:", ignore_case_);
    if (hit) return true;
  }
  return false;
}

bool PatternSet::matches(const Value& value) const {
  auto in_range = [&](int64_t number) {
    return std::any_of(ranges_.begin(), ranges_.end(),
                       [&](const Range& range) { return range.low <= number && number <= range.high; });
  };
  switch (match_) {
    case Match::found:
      return true;
    case Match::boolean:
      return value.integer != 0;
    case Match::integer:
      return in_range(value.integer);
    case Match::length:
      return in_range(static_cast<int64_t>(value.text.size));
    case Match::ip: {
      base::IpAddr ip = value.ip();
      for (const auto& [key, set] : networks_) {
        if ((key >= 1000) != ip.is_v6()) continue;
        if (set.contains(masked(ip, key % 1000))) return true;
      }
      return false;
    }
    case Match::binary:
    case Match::string: {
      // A pattern set of one, the usual case, is compared without making a key.
      std::string_view text = value.view();
      if (exact_.size() == 1)
        return ignore_case_ ? base::iequals(*exact_.begin(), text) : std::string_view(*exact_.begin()) == text;
      return exact_.contains(ignore_case_ ? base::lower(text) : std::string(text));
    }
    case Match::regex:
      return std::any_of(regexes_.begin(), regexes_.end(), [&](const Regex& r) { return r.matches(value.view()); });
    case Match::begin:
    case Match::end:
    case Match::sub:
    case Match::dir:
    case Match::domain:
      return matches_text(value.view());
  }
  return false;
}

}  // namespace lbd::expr
