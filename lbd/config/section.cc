#include "lbd/config/section.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "cfg/suggest.h"

namespace lbd::config {
namespace {

// Letters, digits, and - _ . : as the manual's section 4 permits.
bool is_name_char(char c) {
  const char l = base::to_lower(c);
  return (l >= 'a' && l <= 'z') || base::is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':';
}

}  // namespace

std::string section_name(const cfg::Statement& header, Loading& loading, size_t max_words) {
  const std::string kind(header[0]);
  if (header[1].empty()) {
    loading.diagnostics.error(header.at(1), fmt::format("'{}' expects a name", kind));
    return {};
  }
  const std::string name(header[1]);
  for (size_t i = 0; i < name.size(); ++i) {
    if (is_name_char(name[i])) continue;
    loading.diagnostics.error(header.words[1].at(i),
                              fmt::format("character '{}' is not permitted in {} name '{}'", name[i], kind, name),
                              "permitted are letters, digits, '-', '_', '.' and ':'");
    return {};
  }
  if (header.size() > max_words)
    loading.diagnostics.error(header.at(max_words),
                              fmt::format("'{}' cannot handle the unexpected argument '{}'", kind, header[max_words]));
  return name;
}

void advise_pending(std::string_view word, std::string_view pending, const cfg::Location& where,
                    cfg::Diagnostics& diagnostics, std::string_view scope) {
  diagnostics.report_once(fmt::format("{}\n{}", scope, pending), cfg::Severity::advice, where,
                          fmt::format("'{}' takes no effect yet: {}", word, pending));
}

void report_form(const cfg::Statement& statement, std::string_view name, Loading& loading) {
  loading.diagnostics.error(statement.loc, fmt::format("'{}' cannot be used with '{}'", statement[0], name));
}

void report_unknown(const cfg::Statement& statement, size_t which, const std::vector<std::string_view>& candidates,
                    std::string_view section, Loading& loading) {
  // A lone "no".
  which = std::min(which, statement.size() - 1);
  const cfg::Word& word = statement.words[which];
  const bool second = which > 0 && statement[which - 1] != "no" && statement[which - 1] != "default";
  if (which + 1 == statement.size() && std::find(candidates.begin(), candidates.end(), word.text) != candidates.end())
    // "option" and nothing behind it.
    loading.diagnostics.error(statement.at(statement.size()), fmt::format("'{}' expects what to set", word.text));
  else if (second)
    loading.diagnostics.error(
        word.loc, fmt::format("unknown '{}' in section '{}': '{}'", statement[which - 1], section, word.text),
        cfg::did_you_mean(word.text, candidates));
  else
    loading.diagnostics.error(word.loc, fmt::format("unknown keyword '{}' in section '{}'", word.text, section),
                              cfg::did_you_mean(word.text, candidates));
}

}  // namespace lbd::config
