// defaults, frontend, backend and listen: their header lines, inheritance, and the walk over their words.
#include <fmt/format.h>

#include "cfg/suggest.h"
#include "lbd/config/proxy_word.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

class ProxySection : public Section {
 public:
  ProxySection(Proxy& proxy, Loading& loading) : proxy_(proxy), loading_(loading) {}

  void line(const cfg::Statement& statement) override {
    const std::string_view section = proxy_.is_defaults                  ? "defaults"
                                     : proxy_.frontend && proxy_.backend ? "listen"
                                                                         : proxy_.kind();
    run_word(statement, proxy_, section, loading_,
             [this](const ProxyWord& row, const cfg::Statement& line) { return permitted(row, line); });
  }

 private:
  bool permitted(const ProxyWord& row, const cfg::Statement& statement) {
    if (proxy_.is_defaults) {
      if (row.sections & kInDefaults) return true;
      if ((row.sections & kInNamedDefaults) && !proxy_.name.empty()) return true;
      loading_.diagnostics.error(statement.loc,
                                 row.sections & kInNamedDefaults
                                     ? fmt::format("'{}' is not allowed in an anonymous 'defaults' section", row.name)
                                     : fmt::format("'{}' is not allowed in a 'defaults' section", row.name),
                                 row.sections & kInNamedDefaults ? "give the section a name: defaults NAME" : "");
      return false;
    }
    const uint32_t sides = (proxy_.frontend ? kInFrontend : 0) | (proxy_.backend ? kInBackend : 0);
    if (row.sections & sides) return true;
    const std::string text = fmt::format("'{}' {} because {} '{}' has no {} capability", row.name,
                                         row.flags & kStrict ? "is not allowed" : "is ignored", proxy_.kind(),
                                         proxy_.name, proxy_.frontend ? "backend" : "frontend");
    loading_.diagnostics.report(row.flags & kStrict ? cfg::Severity::alert : cfg::Severity::warning, statement.loc,
                                text);
    return false;
  }

  Proxy& proxy_;
  Loading& loading_;
};

// The defaults named behind `from`; false when there are none of that name.
bool start_from(const cfg::Statement& header, size_t at, Proxy& proxy, Loading& loading) {
  const Proxy* base = loading.defaults;
  if (header[at] == "from") {
    const std::string_view name = header[at + 1];
    base = nullptr;
    for (const auto& defaults : loading.config.defaults)
      if (!name.empty() && defaults->name == name) base = defaults.get();
    if (!base) {
      std::vector<std::string_view> known;
      for (const auto& defaults : loading.config.defaults) known.push_back(defaults->name);
      loading.diagnostics.error(header.at(at + 1),
                                name.empty() ? std::string("'from' expects the name of a defaults section")
                                             : fmt::format("defaults section '{}' not found", name),
                                cfg::did_you_mean(name, known));
      return false;
    }
    at += 2;
    if (!proxy.is_defaults) loading.named_defaults.insert(base);
  } else if (base && loading.named_defaults.contains(base)) {
    loading.diagnostics.report(
        cfg::Severity::advice, header.loc,
        fmt::format("the defaults section '{}' is named by another proxy and used silently here", base->name),
        "name it here too, or put an anonymous 'defaults' before");
  }
  if (at < header.size())
    loading.diagnostics.error(
        header.at(at), fmt::format("'{}' cannot handle the unexpected argument '{}'", header[0], header[at]),
        header[at].find(':') != std::string_view::npos ? "listening addresses go on a 'bind' line" : "");
  if (!base) return true;
  static_cast<ProxySettings&>(proxy) = *base;
  proxy.defaults_name = base->name;
  for (RuleLine& rule : proxy.rules) rule.from_defaults = true;
  return true;
}

std::unique_ptr<Section> open_proxy(const cfg::Statement& header, Loading& loading, bool frontend, bool backend) {
  auto proxy = std::make_unique<Proxy>();
  proxy->location = header.loc;
  proxy->frontend = frontend;
  proxy->backend = backend;
  proxy->name = section_name(header, loading, header.size());
  if (proxy->name.empty()) return nullptr;
  start_from(header, 2, *proxy, loading);
  loading.config.proxies.push_back(std::move(proxy));
  return std::make_unique<ProxySection>(*loading.config.proxies.back(), loading);
}

std::unique_ptr<Section> open_defaults(const cfg::Statement& header, Loading& loading) {
  auto proxy = std::make_unique<Proxy>();
  proxy->location = header.loc;
  proxy->is_defaults = true;
  size_t at = 1;
  if (header.size() > 1 && header[1] != "from") {
    proxy->name = section_name(header, loading, header.size());
    at = 2;
  }
  // A defaults section starts from nothing unless it says from what.
  const Proxy* before = loading.defaults;
  loading.defaults = nullptr;
  if (!start_from(header, at, *proxy, loading)) loading.defaults = before;
  loading.config.defaults.push_back(std::move(proxy));
  loading.defaults = loading.config.defaults.back().get();
  return std::make_unique<ProxySection>(*loading.config.defaults.back(), loading);
}

constexpr SectionRow kRows[] = {
    {"defaults", "Settings that later proxies start from.", open_defaults},
    {"frontend", "Accepts connections.",
     [](const cfg::Statement& header, Loading& loading) { return open_proxy(header, loading, true, false); }},
    {"backend", "Servers that connections go to.",
     [](const cfg::Statement& header, Loading& loading) { return open_proxy(header, loading, false, true); }},
    {"listen", "A frontend and a backend in one.",
     [](const cfg::Statement& header, Loading& loading) { return open_proxy(header, loading, true, true); }},
};
const base::Registered<SectionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
