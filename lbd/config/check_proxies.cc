// Checks of single proxies: what is missing, what has no effect. Disabled sections are not looked at.
#include <fmt/format.h>

#include <algorithm>

#include "base/registry.h"
#include "lbd/config/check.h"

namespace lbd::config {
namespace {

using cfg::Diagnostics;

std::string who(const Proxy& proxy) {
  return fmt::format("{} '{}'", proxy.kind(), proxy.name);
}

template <void (*Test)(const Proxy&, Diagnostics&)>
void each(const Config& config, Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies)
    if (!proxy->disabled) Test(*proxy, diagnostics);
}

bool unset(const std::optional<base::Millis>& time) {
  return !time || time->count() == 0;
}

void timeouts(const Proxy& proxy, Diagnostics& diagnostics) {
  const bool front = proxy.frontend && unset(proxy.timeouts.client);
  const bool back =
      proxy.backend && !proxy.servers.empty() && (unset(proxy.timeouts.connect) || unset(proxy.timeouts.server));
  if (front || back)
    diagnostics.warning(proxy.location, fmt::format("missing timeouts for {}", who(proxy)),
                        "While not properly invalid, you will certainly encounter various problems\n"
                        "with such a configuration. To fix this, please ensure that all following\n"
                        "timeouts are set to a non-zero value: 'client', 'connect', 'server'.");
}

void listeners(const Proxy& proxy, Diagnostics& diagnostics) {
  if (proxy.frontend && !proxy.backend && proxy.binds.empty())
    diagnostics.warning(proxy.location, fmt::format("{} has no 'bind' directive", who(proxy)),
                        "declare it as a backend if this was intended");
}

struct HttpOption {
  Option option;
  std::string_view name;
  bool frontend, backend;  // the side that it works on
};
constexpr HttpOption kHttpOptions[] = {
    {Option::accept_invalid_http_request, "accept-invalid-http-request", true, false},
    {Option::accept_invalid_http_response, "accept-invalid-http-response", false, true},
    {Option::checkcache, "checkcache", false, true},
    {Option::http_buffer_request, "http-buffer-request", true, true},
    {Option::http_ignore_probes, "http-ignore-probes", true, false},
    {Option::http_no_delay, "http-no-delay", true, true},
    {Option::http_pretend_keepalive, "http-pretend-keepalive", false, true},
    {Option::http_use_proxy_header, "http-use-proxy-header", true, false},
    {Option::prefer_last_server, "prefer-last-server", false, true},
    {Option::disable_h2_upgrade, "disable-h2-upgrade", true, false},
    {Option::idle_close_on_response, "idle-close-on-response", true, false},
};

bool switches_to_http(const Proxy& proxy) {
  return std::any_of(proxy.rules.begin(), proxy.rules.end(), [](const RuleLine& line) {
    return line.statement[0] == "tcp-request" && line.statement[2] == "switch-mode";
  });
}

// What is said for HTTP but stands, perhaps by way of defaults, in a TCP section.
void http_words_in_tcp(const Proxy& proxy, Diagnostics& diagnostics) {
  if (proxy.mode == Mode::http || switches_to_http(proxy)) return;
  auto ignored = [&](std::string_view what) {
    diagnostics.warning(proxy.location, fmt::format("{} ignored for {} as it requires HTTP mode", what, who(proxy)));
  };
  for (const HttpOption& row : kHttpOptions)
    if (proxy.has(row.option) && ((row.frontend && proxy.frontend) || (row.backend && proxy.backend)))
      ignored(fmt::format("'option {}'", row.name));
  if (proxy.forward_for.on) ignored("'option forwardfor'");
  if (proxy.forwarded) ignored("'option forwarded'");
  if (proxy.original_to) ignored("'option originalto'");
  if (proxy.stats.enabled) ignored("'stats' statement");
  if (proxy.cookie && proxy.backend) ignored("'cookie'");
  if (!proxy.monitor_uri.empty() && proxy.frontend) ignored("'monitor-uri'");
  if (proxy.frontend && (proxy.log_format == LogFormatKind::http || proxy.log_format == LogFormatKind::https))
    diagnostics.warning(proxy.log_format_location,
                        fmt::format("'option {}' not usable with {} (needs 'mode http'): falling back to 'option "
                                    "tcplog'",
                                    proxy.log_format == LogFormatKind::http ? "httplog" : "httpslog", who(proxy)));
  std::string_view told;
  for (const RuleLine& rule : proxy.rules) {
    const std::string_view word = rule.statement[0];
    const bool capture = word == "capture" && rule.statement[1] == "cookie";
    if (word != "http-request" && word != "http-response" && word != "http-after-response" && word != "redirect" &&
        !capture)
      continue;
    if (word == told) continue;
    told = word;
    diagnostics.warning(rule.statement.loc,
                        fmt::format("'{}' rules ignored for {} as they require HTTP mode", word, who(proxy)));
  }
}

// A log format of the section's own without anywhere to log to; one from defaults is no mistake.
void log_format_unused(const Proxy& proxy, Diagnostics& diagnostics) {
  const bool own =
      proxy.log_format_location.line > proxy.location.line && proxy.log_format_location.source == proxy.location.source;
  if (proxy.log_format == LogFormatKind::none || !own) return;
  if (!proxy.frontend) {
    diagnostics.warning(proxy.log_format_location, fmt::format("log format ignored in {}", who(proxy)),
                        "the frontend logs");
  } else if (proxy.logs.empty() && !proxy.log_global) {
    diagnostics.warning(proxy.log_format_location,
                        fmt::format("log format ignored for {} since it has no log address", who(proxy)));
  }
}

void unused_servers(const Proxy& proxy, Diagnostics& diagnostics) {
  if (proxy.frontend && proxy.backend && !proxy.servers.empty() && !proxy.default_backend_name.empty() &&
      proxy.default_backend_name != proxy.name)
    diagnostics.warning(
        proxy.default_backend_location,
        fmt::format("in {} 'default_backend' has precedence over the servers, which are never used", who(proxy)));
}

void external_check_words(const Proxy& proxy, Diagnostics& diagnostics) {
  if (proxy.check.type != "external-check" &&
      !(proxy.external_check_command.empty() && proxy.external_check_path.empty()))
    diagnostics.warning(proxy.location,
                        fmt::format("'external-check' ignored for {} without 'option external-check'", who(proxy)));
}

void check_steps(const Proxy& proxy, Diagnostics& diagnostics) {
  if (!proxy.backend) return;
  for (std::string_view word : {"http-check", "tcp-check"}) {
    const cfg::Statement* step = nullptr;
    for (const cfg::Statement& each : proxy.check.steps)
      if (each[0] == word && each.loc.line > proxy.location.line) step = &each;
    const std::string_view type = word == "http-check" ? "httpchk" : "tcp-check";
    if (step && proxy.check.type != type)
      diagnostics.warning(step->loc,
                          fmt::format("{} uses '{}' without 'option {}', so it is ignored", who(proxy), word, type));
  }
}

void external_checks(const Config& config, Diagnostics& diagnostics) {
  for (const auto& proxy : config.proxies) {
    if (proxy->disabled || !proxy->backend || proxy->check.type != "external-check") continue;
    if (!config.global.external_check)
      diagnostics.error(
          proxy->check.location,
          fmt::format("{} uses 'option external-check' without 'external-check' in the global section", who(*proxy)));
    else if (!config.global.insecure_fork_wanted)
      diagnostics.warning(proxy->check.location,
                          fmt::format("{} uses 'option external-check' without 'insecure-fork-wanted' in the global "
                                      "section, so the program cannot be started",
                                      who(*proxy)));
    else if (proxy->external_check_command.empty())
      diagnostics.error(proxy->check.location,
                        fmt::format("{} uses 'option external-check' without 'external-check command'", who(*proxy)));
  }
}

void dispatch(const Proxy& proxy, Diagnostics& diagnostics) {
  if (proxy.dispatch && proxy.balance.location.source)
    diagnostics.warning(proxy.location,
                        fmt::format("the dispatch address of {} is ignored in balance mode", who(proxy)));
}

void stats_rules(const Proxy& proxy, Diagnostics& diagnostics) {
  const StatsPage defaults;
  if (!proxy.stats.http_request_rules.empty() && (!proxy.stats.auths.empty() || proxy.stats.realm != defaults.realm))
    diagnostics.error(
        proxy.stats.http_request_rules.front().loc,
        fmt::format("{}: 'stats auth' and 'stats realm' cannot be used with 'stats http-request'", who(proxy)));
}

void check_ports(const Proxy& proxy, Diagnostics& diagnostics) {
  for (const auto& server : proxy.servers)
    if (!can_be_checked(proxy, *server))
      diagnostics.error(server->location, fmt::format("server '{}/{}' has neither service port nor check port",
                                                      proxy.name, server->name));
}

// observe layer7 looks at answers.
void check_observed(const Proxy& proxy, Diagnostics& diagnostics) {
  if (proxy.mode == Mode::http) return;
  for (const auto& server : proxy.servers)
    if (server->observe == "layer7")
      diagnostics.error(
          server->location,
          fmt::format("server '{}/{}': 'observe layer7' can only be used in HTTP proxies", proxy.name, server->name));
}

constexpr CheckRow kRows[] = {
    {"proxy: check ports", "Checked servers have a port.", each<check_ports>},
    {"proxy: observed answers", "Servers whose answers are observed speak HTTP.", each<check_observed>},
    {"proxy: check steps", "Steps of checks have the option they belong to.", each<check_steps>},
    {"proxy: dispatch", "A dispatch address is used.", each<dispatch>},
    {"proxy: external check words", "Words of external checks have the option they belong to.",
     each<external_check_words>},
    {"proxy: external checks", "Programs may be started.", external_checks},
    {"proxy: http words", "HTTP words stand in HTTP sections.", each<http_words_in_tcp>},
    {"proxy: listeners", "Frontends listen.", each<listeners>},
    {"proxy: log format", "Log formats have a log.", each<log_format_unused>},
    {"proxy: stats rules", "The statistics page has one kind of access rules.", each<stats_rules>},
    {"proxy: timeouts", "The three timeouts are set.", each<timeouts>},
    {"proxy: unused servers", "Servers of a listen section are used.", each<unused_servers>},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace

bool can_be_checked(const Proxy& proxy, const Server& server) {
  if (!server.check.enabled || server.check.port || server.port || server.srv()) return true;
  if (server.address.is_unix() || server.check.address.find(':') != std::string::npos) return true;
  for (const cfg::Statement& step : proxy.check.steps)
    if (step.size() > 2 && step[1] == "connect")
      for (size_t i = 2; i < step.size(); ++i)
        if (step[i] == "port" || step[i] == "addr") return true;
  return false;
}

bool may_be_checked_by_tls(const Proxy& proxy, const Server& server) {
  if (server.check.ssl) return true;
  const CheckSpec& spec = server.check.spec ? *server.check.spec : proxy.check;
  if (spec.type != "httpchk" && spec.type != "tcp-check") return false;
  return std::any_of(spec.steps.begin(), spec.steps.end(), [&](const cfg::Statement& step) {
    if (step.size() < 3 || step[1] != "connect" || (step[0] == "http-check") != (spec.type == "httpchk")) return false;
    for (size_t i = 2; i < step.size(); ++i) {
      if (step[i] == "ssl") return true;
      if (step[i] == "port" || step[i] == "addr" || step[i] == "sni" || step[i] == "alpn" || step[i] == "proto" ||
          step[i] == "comment")
        ++i;
    }
    return false;
  });
}

}  // namespace lbd::config
