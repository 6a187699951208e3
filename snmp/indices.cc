#include "snmp/indices.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <vector>

#include "base/strings.h"

namespace snmp {
namespace {

constexpr uint32_t kHighest = 0x7fffffff;

}  // namespace

uint32_t Indices::hash(std::string_view scope, std::string_view name) {
  std::string both(scope);
  both += '\0';
  both += name;
  return static_cast<uint32_t>(XXH3_64bits(both.data(), both.size()) % kHighest) + 1;
}

void Indices::Scope::forget(const std::string& name) {
  const auto known = numbers.find(name);
  if (known == numbers.end()) return;
  names.erase(known->second);
  fixed.erase(name);
  numbers.erase(known);
}

void Indices::fix(const std::vector<Fixed>& all) {
  std::set<std::tuple<std::string_view, std::string_view, uint32_t>> wanted;
  for (const Fixed& one : all) wanted.emplace(one.scope, one.name, one.number);
  for (auto& [scope_name, scope] : scopes_) {
    std::vector<std::string> gone;
    for (const std::string& name : scope.fixed)
      if (!wanted.contains({scope_name, name, scope.numbers.at(name)})) gone.push_back(name);
    for (const std::string& name : gone) scope.forget(name);
  }
  for (const Fixed& one : all) {
    Scope& scope = scopes_[one.scope];
    if (scope.fixed.contains(one.name)) continue;
    scope.forget(one.name);
    if (const auto other = scope.names.find(one.number); other != scope.names.end())
      scope.forget(std::string(other->second));
    scope.numbers.emplace(one.name, one.number);
    scope.names.emplace(one.number, one.name);
    scope.fixed.insert(one.name);
  }
}

uint32_t Indices::of(std::string_view scope_name, std::string_view name) {
  Scope& scope = scopes_[std::string(scope_name)];
  if (const auto known = scope.numbers.find(std::string(name)); known != scope.numbers.end()) return known->second;
  const uint32_t wanted = hash_(scope_name, name);
  uint32_t number = wanted;
  while (scope.names.contains(number)) number = number == kHighest ? 1 : number + 1;
  scope.numbers.emplace(name, number);
  scope.names.emplace(number, name);
  changed_ = changed_ || number != wanted;
  return number;
}

std::string Indices::deviations() const {
  std::vector<std::string> lines;
  for (const auto& [scope_name, scope] : scopes_)
    for (const auto& [name, number] : scope.numbers)
      if (number != hash_(scope_name, name) && !scope.fixed.contains(name))
        lines.push_back(fmt::format("{}\t{}\t{}\n", number, scope_name, name));
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

base::Status Indices::restore(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    ++count;
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t first = line.find('\t');
    const size_t second = first == line.npos ? line.npos : line.find('\t', first + 1);
    const auto number = second == line.npos ? std::nullopt : base::parse_int<uint32_t>(line.substr(0, first));
    if (!number || *number == 0 || *number > kHighest)
      return base::Err(fmt::format("line {}: expected a number, a scope and a name", count));
    Scope& scope = scopes_[std::string(line.substr(first + 1, second - first - 1))];
    const std::string name(line.substr(second + 1));
    if (scope.names.contains(*number) || scope.numbers.contains(name))
      return base::Err(fmt::format("line {}: '{}' or its number stands twice", count, name));
    scope.numbers.emplace(name, *number);
    scope.names.emplace(*number, name);
  }
  return {};
}

}  // namespace snmp
