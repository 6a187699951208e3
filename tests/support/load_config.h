// A configuration from a text, for tests: loaded, linked and checked, with what was said.
#pragma once

#include <memory>
#include <string>

#include "lbd/config/load.h"

namespace support {

struct LoadedConfig {
  std::unique_ptr<lbd::config::Config> config;
  cfg::Diagnostics diagnostics;

  // "ALERT 3:5 text" a line; without advice, such as that a word takes no effect yet, and what only -dD shows.
  std::string said() const {
    std::string out;
    for (const cfg::Diagnostic& d : diagnostics.all())
      if (d.severity != cfg::Severity::advice && d.severity != cfg::Severity::diag)
        out += std::string(cfg::name_of(d.severity)) + " " + std::to_string(d.line) + ":" + std::to_string(d.column) +
               " " + d.text + "\n";
    return out;
  }
  bool says(std::string_view text) const {
    return diagnostics.render(cfg::Severity::diag).find(text) != std::string::npos;
  }
  const lbd::config::Global& global() const { return config->global; }
  const lbd::config::Proxy& proxy(size_t i = 0) const { return *config->proxies.at(i); }
  const lbd::config::Server& server(size_t i = 0, size_t in = 0) const { return *proxy(in).servers.at(i); }
  const lbd::config::Bind& bind(size_t i = 0, size_t in = 0) const { return *proxy(in).binds.at(i); }
};

inline LoadedConfig load_config(const std::string& text, lbd::config::LoadOptions options = {}) {
  LoadedConfig out;
  out.config = lbd::config::load_text("a.cfg", text, options, out.diagnostics);
  lbd::config::prepare(*out.config, out.diagnostics);
  return out;
}

// Five lines of defaults, so that the text behind starts at line 6.
inline constexpr const char* kHttpDefaults =
    "defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n";
inline constexpr const char* kTcpDefaults =
    "defaults\n mode tcp\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n";

inline LoadedConfig load_http(const std::string& text) {
  return load_config(kHttpDefaults + text);
}
inline LoadedConfig load_tcp(const std::string& text) {
  return load_config(kTcpDefaults + text);
}

}  // namespace support
