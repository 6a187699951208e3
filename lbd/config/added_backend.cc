#include "lbd/config/added_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cfg/reader.h"
#include "lbd/config/check.h"
#include "lbd/config/load.h"
#include "lbd/config/platform.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

// Means in a file what it says here.
bool is_plain(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-_.:@/").find(c) != std::string_view::npos;
  });
}

std::string text_of(const AddedBackendLine& line) {
  std::string text = fmt::format("backend {} from {}\n", line.name, line.defaults);
  if (!line.mode.empty()) text += fmt::format(" mode {}\n", line.mode);
  if (!line.guid.empty()) text += fmt::format(" guid {}\n", line.guid);
  return text;
}

std::unique_ptr<Proxy> copy_of_defaults(const Proxy& defaults) {
  auto copy = std::make_unique<Proxy>();
  static_cast<ProxySettings&>(*copy) = defaults;
  copy->name = defaults.name;
  copy->location = defaults.location;
  copy->is_defaults = true;
  return copy;
}

void read(const cfg::Source& source, Config& config, cfg::Diagnostics& diagnostics) {
  const cfg::Platform platform = language_platform();
  cfg::Reader reader(source, config.environment, platform, diagnostics);
  Loading loading{config, diagnostics, nullptr, {}};
  std::unique_ptr<Section> section;
  while (auto statement = reader.next({})) {
    if (section)
      section->line(*statement);
    else if (const SectionRow* row = base::Registered<SectionRow>::find((*statement)[0]))
      section = row->open(*statement, loading);
    if (!section) return;
  }
  section->close();
}

}  // namespace

base::Result<AddedBackend> make_added_backend(const Config& config, const AddedBackendLine& line) {
  for (const std::string* word : {&line.name, &line.defaults, &line.mode, &line.guid})
    if (!is_plain(*word)) return base::Err(fmt::format("'{}' has a character that is not permitted.", *word));
  const auto defaults = std::find_if(config.defaults.begin(), config.defaults.end(),
                                     [&](const auto& each) { return each->name == line.defaults; });
  if (defaults == config.defaults.end())
    return base::Err(fmt::format("Cannot find default proxy '{}'.", line.defaults));

  AddedBackend added{std::make_unique<Config>()};
  Config& scope = *added.scope;
  scope.environment = config.environment;
  scope.http_errors = config.http_errors;
  scope.other_sections = config.other_sections;
  scope.defaults.push_back(copy_of_defaults(**defaults));
  cfg::Diagnostics diagnostics;
  read(*scope.sources.add("add backend", text_of(line)), scope, diagnostics);
  if (diagnostics.has_errors() || !prepare(scope, diagnostics)) return base::Err(first_error(diagnostics)->text);
  return added;
}

}  // namespace lbd::config
