#include "lbd/stats/html.h"

#include <fmt/format.h>

#include <iterator>

#include "base/version.h"
#include "lbd/stats/page_admin.h"
#include "lbd/stats/page_assets.h"
#include "lbd/stats/status.h"
#include "lbd/stats/text.h"

namespace lbd::stats {
namespace {

using server::Operational;

struct Column {
  std::string_view group, title, metric;
};

// The figures of a table, in the order of HAProxy's page. Status and last check stand apart: they are composed.
constexpr Column kColumns[] = {
    {"Queue", "Cur", "qcur"},
    {"Queue", "Max", "qmax"},
    {"Queue", "Limit", "qlimit"},
    {"Session rate", "Cur", "rate"},
    {"Session rate", "Max", "rate_max"},
    {"Session rate", "Limit", "rate_lim"},
    {"Sessions", "Cur", "scur"},
    {"Sessions", "Max", "smax"},
    {"Sessions", "Limit", "slim"},
    {"Sessions", "Total", "stot"},
    {"Sessions", "LbTot", "lbtot"},
    {"Sessions", "Last", "lastsess"},
    {"Bytes", "In", "bin"},
    {"Bytes", "Out", "bout"},
    {"Denied", "Req", "dreq"},
    {"Denied", "Resp", "dresp"},
    {"Errors", "Req", "ereq"},
    {"Errors", "Conn", "econ"},
    {"Errors", "Resp", "eresp"},
    {"Warnings", "Retr", "wretr"},
    {"Warnings", "Redis", "wredis"},
    {"Responses", "2xx", "hrsp_2xx"},
    {"Responses", "3xx", "hrsp_3xx"},
    {"Responses", "4xx", "hrsp_4xx"},
    {"Responses", "5xx", "hrsp_5xx"},
    {"Server", "Wght", "weight"},
    {"Server", "Act", "act"},
    {"Server", "Bck", "bck"},
    {"Server", "Chk", "chkfail"},
    {"Server", "Dwn", "chkdown"},
    {"Server", "Dwntme", "downtime"},
    {"Server", "Thrtle", "throttle"},
};

std::string_view class_of(const Object& object) {
  if (object.listener) return "socket";
  if (!object.server) return object.frontend ? "frontend" : "backend";
  const server::Server& server = *object.server;
  if (server.admin() & server::kMaintenance) return "maint";
  const server::HealthFacts& health = server.health;
  if (server.operational() == Operational::stopped) return is_checked(health) && health.health ? "changing" : "down";
  if ((server.admin() & server::kDrain) || server.operational() == Operational::stopping) return "nolb";
  if (!is_checked(health)) return "unchecked";
  return health.health + 1 < health.rise + health.fall ? "changing" : "up";
}

// The rows of kColumns; each cell would look for its row by name.
const std::vector<const Metric*>& metrics() {
  static const std::vector<const Metric*> all = [] {
    std::vector<const Metric*> rows;
    for (const Column& column : kColumns) rows.push_back(base::Registered<Metric>::find(column.metric));
    return rows;
  }();
  return all;
}

Value figure(const Object& object, std::string_view name) {
  return read(*base::Registered<Metric>::find(name), object);
}

std::string cell_text(const Object& object, size_t column) {
  const Metric& metric = *metrics()[column];
  const Value value = read(metric, object);
  if (value.type == Value::Type::nothing) return {};
  if (metric.name == "lastsess") return value.number < 0 ? "?" : short_duration(value.number);
  if (metric.name == "downtime") return short_duration(value.number);
  return value.print();
}

std::string last_check_text(const Object& object) {
  Value status = figure(object, "check_status");
  if (status.type == Value::Type::nothing) return {};
  std::string text = status.text;
  Value code = figure(object, "check_code"), duration = figure(object, "check_duration");
  if (code.is_number()) text += "/" + code.print();
  if (duration.is_number()) text += " in " + duration.print() + "ms";
  return text;
}

std::string state_text(const Object& object) {
  const Value since = figure(object, "lastchg");
  return since.is_number() ? short_duration(since.number) + " " + status_text(object) : status_text(object);
}

std::string_view name_of(const Object& object) {
  if (object.server || object.listener) return object.name();
  return object.frontend ? "Frontend" : "Backend";
}

// Of its line on the page: a listener's may be that of a server in the same proxy.
std::string key_of(const Object& object) {
  return fmt::format("{}/{}{}", object.proxy.name, object.listener ? "+" : "", name_of(object));
}

void append_headings(std::string& to) {
  to += "<tr><th rowspan=2></th>";
  for (size_t i = 0; i < std::size(kColumns);) {
    size_t end = i;
    while (end < std::size(kColumns) && kColumns[end].group == kColumns[i].group) ++end;
    fmt::format_to(std::back_inserter(to), "<th colspan={}>{}</th>", end - i, kColumns[i].group);
    i = end;
  }
  to += "<th colspan=2>State</th></tr>\n<tr>";
  for (const Column& column : kColumns) {
    to += "<th title=\"";
    to += html_escaped(base::Registered<Metric>::find(column.metric)->doc);
    fmt::format_to(std::back_inserter(to), "\">{}</th>", column.title);
  }
  to += "<th>Status</th><th>LastChk</th></tr>\n";
}

// Lines of a table that the page's script shows only when somebody scrolls there, or looks for them: the layout of
// thousands takes a browser many seconds.
constexpr size_t kNearLines = 200;

void append_line(std::string& to, const Object& object, bool form, bool far) {
  const std::string name = html_escaped(name_of(object));
  const std::string box = form && object.server ? fmt::format("<input type=checkbox name=s value=\"{}\"> ", name) : "";
  fmt::format_to(std::back_inserter(to), "<tr class={}{}><td class=name><a name=\"{}\"></a>{}{}</td>", class_of(object),
                 far ? " data-far" : "", html_escaped(key_of(object)), box, name);
  for (size_t i = 0; i < std::size(kColumns); ++i) to += "<td>" + cell_text(object, i) + "</td>";
  to += "<td class=state>" + html_escaped(state_text(object)) + "</td><td class=state title=\"" +
        html_escaped(figure(object, "last_chk").print()) + "\">" + html_escaped(last_check_text(object)) +
        "</td></tr>\n";
}

// What may be done to the servers that are ticked. A form without JavaScript, as on HAProxy's page.
void append_actions(std::string& to, const config::Proxy& proxy) {
  constexpr std::pair<std::string_view, std::string_view> kActions[] = {
      {"", "Choose an action"},
      {"ready", "Set state to READY"},
      {"drain", "Set state to DRAIN"},
      {"maint", "Set state to MAINT"},
      {"dhlth", "Health: disable checks"},
      {"ehlth", "Health: enable checks"},
      {"hrunn", "Health: force UP"},
      {"hnolb", "Health: force NOLB"},
      {"hdown", "Health: force DOWN"},
      {"dagent", "Agent: disable checks"},
      {"eagent", "Agent: enable checks"},
      {"arunn", "Agent: force UP"},
      {"adown", "Agent: force DOWN"},
      {"shutdown", "Kill sessions"},
  };
  to += "<p><select name=action>";
  for (const auto& [action, text] : kActions)
    fmt::format_to(std::back_inserter(to), "<option value=\"{}\">{}</option>", action, text);
  fmt::format_to(std::back_inserter(to),
                 "</select> <input type=hidden name=b value=\"#{}\"><button>Apply</button></p></form>\n", proxy.id);
}

void append_process(std::string& to, const ProcessView& process) {
  auto info = [&](std::string_view name) { return base::Registered<InfoRow>::find(name)->read(process).print(); };
  fmt::format_to(std::back_inserter(to),
                 "<h3>&gt; General process information</h3>\n"
                 "<p id=process><b>pid = </b>{} (process #1, nbproc = 1, nbthread = {})<br>\n<b>uptime = </b>{}<br>\n"
                 "<b>system limits:</b> memmax = {}; ulimit-n = {}<br>\n"
                 "<b>maxsock = </b>{}; <b>maxconn = </b>{}; <b>maxpipes = </b>{}<br>\n"
                 "current conns = {}; conn rate = {}/sec; session rate = {}/sec; idle = {} %</p>\n",
                 info("Pid"), info("Nbthread"), info("Uptime"),
                 process.facts.memory_limit_megabytes ? info("Memmax_MB") + " MB" : "unlimited", info("Ulimit-n"),
                 info("Maxsock"), info("Maxconn"), info("Maxpipes"), info("CurrConns"), info("ConnRate"),
                 info("SessRate"), info("Idle_pct"));
}

void append_links(std::string& to, const config::StatsPage& stats, const PageOptions& options) {
  std::string uri = html_escaped(stats.uri);
  std::string up = options.only_up ? ";up" : "";
  std::string quiet = options.refresh ? "" : ";norefresh";
  auto link = [&](const std::string& words, std::string_view text) {
    fmt::format_to(std::back_inserter(to), "<a href=\"{}{}\">{}</a> &middot; ", uri, words, text);
  };
  to += "<p class=links>";
  link((options.only_up ? "" : ";up") + quiet, options.only_up ? "Show all servers" : "Hide 'DOWN' servers");
  if (stats.refresh.count() > 0)
    link(up + (options.refresh ? ";norefresh" : ""), options.refresh ? "Disable refresh" : "Enable refresh");
  link(up + quiet, "Refresh now");
  link(";csv;norefresh", "CSV export");
  link(";json;norefresh", "JSON export");
  link(";all;norefresh", "Everything as JSON");
  fmt::format_to(
      std::back_inserter(to),
      "<form method=GET style=\"display: inline\">Scope: <input name=scope size=8 value=\"{}\"></form></p>\n",
      html_escaped(options.scope));
}

// With what the live figures are asked for, so that they are those of the objects on the page.
std::string live_words(const PageOptions& options) {
  std::string words = ";live";
  if (options.only_up) words += ";up";
  if (options.hide_maintenance) words += ";no-maint";
  if (!options.scope.empty()) words += ";scope=" + std::string(options.scope);
  return words;
}

}  // namespace

std::string render_html(const config::Proxy& proxy, const PageOptions& options, const Selection& selection,
                        const ProcessView& process, bool admin) {
  const config::StatsPage& stats = proxy.stats;
  std::string node = stats.node ? " on " + html_escaped(stats.node->empty() ? process.facts.node : *stats.node) : "";
  std::string out = "<!DOCTYPE html>\n<html><head><title>Statistics Report for HAProxy" + node +
                    "</title>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                    "content=\"width=device-width\">\n<link rel=\"icon\" href=\"data:,\">\n";
  if (options.refresh && stats.refresh.count() > 0)
    fmt::format_to(std::back_inserter(out), "<noscript><meta http-equiv=\"refresh\" content=\"{}\"></noscript>\n",
                   stats.refresh.count());
  out += kPageStyle;
  out += "<script>document.documentElement.className = 'js';</script>\n";
  fmt::format_to(std::back_inserter(out), "</head>\n<body data-uri=\"{}\" data-refresh=\"{}\"><h1>Tandem</h1>\n",
                 html_escaped(stats.uri + live_words(options)), options.refresh ? stats.refresh.count() : 0);
  if (!stats.hide_version)
    fmt::format_to(std::back_inserter(out), "<p>version {}, follows HAProxy {}, released {}</p>\n", base::kVersion,
                   base::kHaproxyVersion, base::kReleaseDate);
  fmt::format_to(std::back_inserter(out), "<h2>Statistics Report for pid {}{}", process.facts.pid, node);
  if (stats.description)
    out += ": " + html_escaped(stats.description->empty() ? process.facts.description : *stats.description);
  out += "</h2>\n";
  out += "<div id=pair>" + render_pair_html(process.pair, base::wall_now()) + "</div>\n";
  append_process(out, process);
  append_links(out, stats, options);
  if (const std::string_view text = text_of_result(options.result); !text.empty())
    fmt::format_to(std::back_inserter(out), "<p class=result>{}</p>\n", text);

  const config::Proxy* table = nullptr;
  bool form = false;
  size_t lines = 0;  // of servers in the table
  const auto end_table = [&] {
    out += "</table>\n";
    if (form) append_actions(out, *table);
  };
  process.source.for_each(selection, process.now, [&](const Object& object) {
    if (table != &object.proxy) {
      if (table) end_table();
      table = &object.proxy;
      lines = 0;
      form = admin && !table->servers.empty();
      if (form) out += "<form method=post>";
      std::string name = html_escaped(table->name);
      out += "<table><caption><a name=\"" + name + "\"></a>" + name;
      if (!table->description.empty()) out += ": " + html_escaped(table->description);
      out += "</caption>\n";
      append_headings(out);
    }
    append_line(out, object, form, object.server && ++lines > kNearLines);
  });
  if (table) end_table();
  out += kPageScript;
  out += "</body></html>\n";
  return out;
}

std::string render_live(const Selection& selection, const ProcessView& process) {
  std::string out = "{\"pair\":";
  append_json(out, render_pair_html(process.pair, base::wall_now()));
  std::string head;
  append_process(head, process);
  out += ",\"process\":";
  append_json(out, head);
  out += ",\"rows\":[";
  process.source.for_each(selection, process.now, [&](const Object& object) {
    out += out.back() == '[' ? "[" : ",[";
    append_json(out, key_of(object));
    fmt::format_to(std::back_inserter(out), ",\"{}\"", class_of(object));
    for (size_t i = 0; i < std::size(kColumns); ++i) {
      out += ',';
      append_json(out, cell_text(object, i));
    }
    for (const std::string& text : {state_text(object), last_check_text(object)}) {
      out += ',';
      append_json(out, text);
    }
    out += ']';
  });
  return out + "]}\n";
}

}  // namespace lbd::stats
