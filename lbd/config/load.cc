#include "lbd/config/load.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cfg/reader.h"
#include "cfg/suggest.h"
#include "lbd/config/check.h"
#include "lbd/config/link.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

// Reads one file after the other; a file's end closes its last section.
class Loader {
 public:
  Loader(Config& config, const cfg::Platform& platform, cfg::Diagnostics& diagnostics)
      : loading_{config, diagnostics, nullptr, {}}, platform_(platform) {}

  void read(const cfg::Source& source) {
    cfg::Reader reader(source, loading_.config.environment, platform_, loading_.diagnostics);
    std::string where;  // ${.SECTION}
    std::unique_ptr<Section> section;
    bool skip = false;  // below a header that was wrong
    while (auto statement = reader.next(where)) {
      if (const SectionRow* row = base::Registered<SectionRow>::find((*statement)[0])) {
        if (section) section->close();
        section = row->open(*statement, loading_);
        skip = !section;
        where = (*statement)[statement->size() > 1 ? 1 : 0];
      } else if (section) {
        section->line(*statement);
      } else if (!skip) {
        report_outside(*statement);
      }
    }
    if (section) section->close();
  }

 private:
  void report_outside(const cfg::Statement& statement) {
    std::vector<std::string_view> sections;
    base::Registered<SectionRow>::for_each([&](const SectionRow& row) { sections.push_back(row.name); });
    loading_.diagnostics.error(statement.loc, fmt::format("unknown keyword '{}' out of section", statement[0]),
                               cfg::did_you_mean(statement[0], sections));
  }

  Loading loading_;
  const cfg::Platform& platform_;
};

std::string own_host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

void set_variables(Config& config, const LoadOptions& options, const std::string& files) {
  config.environment = options.environment;
  config.global.localpeer = options.local_peer.empty() ? own_host_name() : options.local_peer;
  config.environment.set("HAPROXY_LOCALPEER", config.global.localpeer);
  config.environment.set("HAPROXY_CFGFILES", files);
}

}  // namespace

std::unique_ptr<Config> load(const std::vector<std::string>& paths, const LoadOptions& options,
                             cfg::Diagnostics& diagnostics) {
  auto config = std::make_unique<Config>();
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (auto expanded = cfg::expand_path(path))
      files.insert(files.end(), expanded->begin(), expanded->end());
    else
      diagnostics.error({}, "cannot open the configuration " + expanded.error().text);
  }
  set_variables(*config, options, fmt::format("{}", fmt::join(files, ";")));
  Loader loader(*config, options.platform, diagnostics);
  for (const std::string& file : files) {
    if (auto source = config->sources.read(file))
      loader.read(**source);
    else
      diagnostics.error({}, "cannot read the configuration " + source.error().text);
  }
  return config;
}

std::unique_ptr<Config> load_text(std::string name, std::string text, const LoadOptions& options,
                                  cfg::Diagnostics& diagnostics) {
  auto config = std::make_unique<Config>();
  set_variables(*config, options, name);
  Loader(*config, options.platform, diagnostics).read(*config->sources.add(std::move(name), std::move(text)));
  return config;
}

bool prepare(Config& config, cfg::Diagnostics& diagnostics) {
  link(config, diagnostics);
  check(config, diagnostics);
  return !diagnostics.has_errors();
}

bool has_listener(const Config& config) {
  if (!config.global.stats_sockets.empty()) return true;
  if (config.global.master_worker || !config.global.stats_sockets.empty()) return true;
  for (const auto& proxy : config.proxies)
    if (proxy->frontend && !proxy->disabled && !proxy->binds.empty()) return true;
  for (const LogForward& section : config.log_forwards)
    if (!section.streams.empty() || !section.datagrams.empty()) return true;
  // Only the peer that is this node listens.
  for (const Peers& section : config.peers) {
    const bool named = std::any_of(section.peers.begin(), section.peers.end(),
                                   [&](const Peers::Peer& peer) { return peer.name == config.global.localpeer; });
    if (section.bind || named) return true;
  }
  return false;
}

}  // namespace lbd::config
