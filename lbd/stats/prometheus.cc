#include "lbd/stats/prometheus.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "base/strings.h"
#include "base/version.h"
#include "lbd/stats/pair.h"
#include "lbd/stats/status.h"
#include "lbd/stats/text.h"

namespace lbd::stats {
namespace {

using server::CheckStatus;

constexpr std::array<std::string_view, 5> kServerStates = {"DOWN", "UP", "MAINT", "DRAIN", "NOLB"};
constexpr std::array<std::string_view, 3> kListenerStates = {"WAITING", "OPEN", "FULL"};
constexpr std::array<std::string_view, 16> kCheckStates = {"HANA",   "SOCKERR", "L4OK",     "L4TOUT", "L4CON", "L6OK",
                                                           "L6TOUT", "L6RSP",   "L7TOUT",   "L7RSP",  "L7OK",  "L7OKC",
                                                           "L7STS",  "PROCERR", "PROCTOUT", "PROCOK"};

struct Wanted {
  bool global = true;
  uint8_t scopes = 0xff;
  Selection selection;
};

// False: there is no such scope.
bool read_query(std::string_view target, Wanted& wanted) {
  const size_t question = target.find('?');
  if (question == std::string_view::npos) return true;
  bool chosen = false;
  for (std::string_view word : base::split(target.substr(question + 1), '&')) {
    if (word == "no-maint" || word.starts_with("no-maint=")) wanted.selection.hide_maintenance = true;
    if (!word.starts_with("scope=")) continue;
    const std::string_view scope = word.substr(6);
    if (!chosen || scope.empty() || scope == "*") {
      wanted.global = scope == "*";
      wanted.scopes = scope == "*" ? 0xff : 0;
    }
    chosen = true;
    if (scope.empty() || scope == "*") continue;
    if (scope == "global")
      wanted.global = true;
    else if (scope == "frontend")
      wanted.scopes |= kFrontend;
    else if (scope == "backend")
      wanted.scopes |= kBackend;
    else if (scope == "server")
      wanted.scopes |= kServer;
    else if (scope == "listener")
      wanted.scopes |= kListener;
    else if (scope != "sticktable")
      return false;
  }
  return true;
}

void append_head(std::string& to, std::string_view family, std::string_view doc) {
  // HAProxy has a counter more, failed_resolutions, whose name `promtool check metrics` does not like.
  const bool counter = family.ends_with("_total");
  fmt::format_to(std::back_inserter(to), "# HELP {} {}\n# TYPE {} {}\n", family, doc, family,
                 counter ? "counter" : "gauge");
}

// Figures in milliseconds are exported as seconds.
std::string number_text(const Metric& metric, const Value& value) {
  if (value.type == Value::Type::nothing) return "NaN";
  const bool milliseconds = metric.prometheus.ends_with("_time_average_seconds") ||
                            metric.prometheus.ends_with("_time_seconds") ||
                            metric.prometheus == "check_duration_seconds";
  return milliseconds ? fmt::format("{:.6f}", static_cast<double>(value.number) / 1000) : value.print();
}

std::string labels_of(const Object& object) {
  std::string labels = fmt::format("proxy=\"{}\"", prometheus_label(object.proxy.name));
  if (object.listener) labels += fmt::format(",listener=\"{}\"", prometheus_label(object.listener->name));
  if (object.server) labels += fmt::format(",server=\"{}\"", prometheus_label(object.server->name()));
  return labels;
}

// Which of kServerStates.
size_t state_of(const server::Server& server) {
  if (server.admin() & server::kMaintenance) return 2;
  if (server.operational() == server::Operational::stopped) return 0;
  if (server.admin() & server::kDrain) return 3;
  return server.operational() == server::Operational::stopping ? 4 : 1;
}

// As many as there are counts of.
void append_states(std::string& to, std::string_view family, const std::string& labels,
                   std::span<const std::string_view> states, std::span<const uint64_t> counts) {
  for (size_t i = 0; i < counts.size(); ++i)
    fmt::format_to(std::back_inserter(to), "{}{{{},state=\"{}\"}} {}\n", family, labels, states[i], counts[i]);
}

std::string_view check_state(const server::Server& server) {
  return is_checked(server.health) ? short_name(server.health.last.status) : std::string_view();
}

void append_aggregates(std::string& to, std::string_view family, const std::string& name, const Object& object) {
  if (name == "agg_check_status") {
    std::array<uint64_t, kCheckStates.size()> counts{};
    for (const auto& server : object.backend->servers())
      for (size_t i = 0; i < kCheckStates.size(); ++i)
        if (check_state(*server) == kCheckStates[i]) ++counts[i];
    return append_states(to, family, labels_of(object), kCheckStates, counts);
  }
  std::array<uint64_t, kServerStates.size()> counts{};
  for (const auto& server : object.backend->servers()) ++counts[state_of(*server)];
  append_states(to, family, labels_of(object), kServerStates, counts);
}

void append_sample(std::string& to, std::string_view family, const Metric& metric, const Object& object) {
  const std::string labels = labels_of(object);
  if (metric.name == "status" && object.listener) {
    const std::string text = status_text(object);
    std::array<uint64_t, kListenerStates.size()> counts{};
    for (size_t i = 0; i < counts.size(); ++i) counts[i] = text == kListenerStates[i];
    return append_states(to, family, labels, kListenerStates, counts);
  }
  if (metric.name == "status") {
    std::array<uint64_t, kServerStates.size()> counts{};
    if (object.server) {
      counts[state_of(*object.server)] = 1;
    } else {
      const std::string text = status_text(object);
      counts[text == "UP" || text == "OPEN" ? 1 : 0] = 1;
    }
    return append_states(to, family, labels, kServerStates, std::span(counts).first(object.server ? counts.size() : 2));
  }
  if (metric.name == "check_status") {
    std::array<uint64_t, kCheckStates.size()> counts{};
    for (size_t i = 0; i < kCheckStates.size(); ++i) counts[i] = check_state(*object.server) == kCheckStates[i];
    return append_states(to, family, labels, kCheckStates, counts);
  }
  const std::string code =
      metric.name.starts_with("hrsp_") ? fmt::format(",code=\"{}\"", metric.name.substr(5)) : std::string();
  fmt::format_to(std::back_inserter(to), "{}{{{}{}}} {}\n", family, labels, code,
                 number_text(metric, read(metric, object)));
}

// Of servers that are not checked nothing is said that only checks know.
bool has_sample(const Metric& metric, const Object& object) {
  if ((metric.http_only || metric.prometheus.starts_with("http_")) && !object.http()) return false;
  const bool of_check = metric.name == "check_status" || metric.name == "check_code" || metric.name == "check_duration";
  return !of_check ||
         (object.server && is_checked(object.server->health) && !(object.server->admin() & server::kMaintenance));
}

// HAProxy exports these of backends only.
bool exported_of_servers(const Metric& metric) {
  return metric.name != "act" && metric.name != "bck" && metric.name != "req_tot";
}

void append_scope(std::string& to, Scope scope, std::string_view word, const ProcessView& process,
                  Selection selection) {
  selection.scopes = bit_of(scope);
  std::vector<Object> objects;
  process.source.for_each(selection, process.now, [&](const Object& object) { objects.push_back(object); });
  std::string_view last;
  for (const Metric* metric : columns()) {
    const bool aggregate = metric->name.starts_with("agg_");
    if ((metric->prometheus.empty() && !aggregate) || !(metric->scopes & bit_of(scope))) continue;
    if (scope == Scope::server && !exported_of_servers(*metric)) continue;
    const std::string name(aggregate ? metric->name : metric->prometheus);
    const std::string family = fmt::format("haproxy_{}_{}", word, name);
    std::string samples;
    for (const Object& object : objects) {
      if (aggregate)
        append_aggregates(samples, family, name, object);
      else if (has_sample(*metric, object))
        append_sample(samples, family, *metric, object);
    }
    if (samples.empty()) continue;
    if (metric->prometheus.empty() || metric->prometheus != last) append_head(to, family, metric->doc);
    last = metric->prometheus;
    to += samples;
  }
}

void append_process(std::string& to, const ProcessView& process) {
  for (const InfoRow* row : info_rows()) {
    if (row->prometheus.empty()) continue;
    const std::string family = fmt::format("haproxy_process_{}", row->prometheus);
    append_head(to, family, row->doc);
    const Value value = row->read(process);
    to += fmt::format("{} {}\n", family, value.is_number() ? value.print() : "NaN");
  }
  // Answers are not compressed: there is no such memory.
  for (std::string_view family : {"haproxy_process_current_zlib_memory", "haproxy_process_max_zlib_memory"}) {
    append_head(to, family, "Memory of compression");
    to += fmt::format("{} NaN\n", family);
  }
  append_head(to, "haproxy_process_build_info", "Build info");
  to +=
      fmt::format("haproxy_process_build_info{{version=\"{}-tandem-{}\"}} 1\n", base::kHaproxyVersion, base::kVersion);
  append_head(to, "tandem_build_info", "Version of Tandem");
  to += fmt::format("tandem_build_info{{version=\"{}\",node=\"{}\"}} 1\n", base::kVersion,
                    prometheus_label(process.facts.node));
  to += render_pair_metrics(process.pair);
}

}  // namespace

Page prometheus_page(const PageRequest& request, const ProcessView& process) {
  Wanted wanted;
  Page page;
  page.headers = {{"cache-control", "no-cache"}};
  if (!read_query(request.target, wanted)) {
    page.status = 400;
    page.headers.emplace_back("content-type", "text/plain");
    page.body = "There is no such scope.\n";
    return page;
  }
  page.headers.emplace_back("content-type", "text/plain; version=0.0.4");
  if (wanted.global) append_process(page.body, process);
  if (wanted.scopes & kFrontend) append_scope(page.body, Scope::frontend, "frontend", process, wanted.selection);
  if (wanted.scopes & kListener) append_scope(page.body, Scope::listener, "listener", process, wanted.selection);
  if (wanted.scopes & kBackend) append_scope(page.body, Scope::backend, "backend", process, wanted.selection);
  if (wanted.scopes & kServer) append_scope(page.body, Scope::server, "server", process, wanted.selection);
  return page;
}

}  // namespace lbd::stats
