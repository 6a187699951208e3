#include "lbd/stats/html.h"

#include <fmt/format.h>

#include <iterator>

#include "base/version.h"
#include "lbd/stats/page_admin.h"
#include "lbd/stats/status.h"

namespace lbd::stats {
namespace {

using server::Operational;

constexpr std::string_view kStyle = R"(<style>
body { font: 12px arial, helvetica, sans-serif; background: white; color: black; }
table { border-collapse: collapse; margin: 0 0 1.5em; }
th, td { border: 1px solid #c0c0c0; padding: 2px 5px; font-size: 11px; text-align: right; }
th { background: #e0e8e8; text-align: center; }
caption { text-align: left; font-weight: bold; font-size: 14px; padding: 4px 0; }
td.name, td.state { text-align: left; white-space: nowrap; }
tr.frontend, tr.backend { background: #eeeee0; }
tr.up { background: #c8f4c8; }
tr.changing { background: #ffe9a0; }
tr.down { background: #ff9c9c; }
tr.maint { background: #d8a878; }
tr.nolb { background: #a0ccff; }
tr.unchecked { background: #e4e4e4; }
p.result { font-weight: bold; border: 1px solid; padding: 4px; }
@media (max-width: 700px) { table { display: block; overflow-x: auto; } td.name, th:first-child { position: sticky; left: 0; background: inherit; } }
@media (prefers-color-scheme: dark) {
body { background: #16181c; color: #ddd; }
a { color: #8ab4f8; }
th { background: #2a2f36; }
th, td { border-color: #444; }
tr.frontend, tr.backend { background: #26282c; }
tr.up { background: #1d3a1d; }
tr.changing { background: #4a3c10; }
tr.down { background: #5a1f1f; }
tr.maint { background: #4d3a22; }
tr.nolb { background: #1f3550; }
tr.unchecked { background: #2b2b2b; }
}
</style>
)";

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

void append_escaped(std::string& to, std::string_view text) {
  for (char c : text) switch (c) {
      case '<':
        to += "&lt;";
        break;
      case '>':
        to += "&gt;";
        break;
      case '&':
        to += "&amp;";
        break;
      case '"':
        to += "&quot;";
        break;
      default:
        to += c;
    }
}

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

// "3m33s", "2d4h".
std::string duration_text(int64_t seconds) {
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m{}s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{}h{}m", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{}d{}h", seconds / 86400, seconds / 3600 % 24);
}

std::string_view class_of(const Object& object) {
  if (!object.server) return object.frontend ? "frontend" : "backend";
  const server::Server& server = *object.server;
  if (server.admin() & server::kMaintenance) return "maint";
  const server::HealthFacts& health = server.health;
  if (server.operational() == Operational::stopped) return is_checked(health) && health.health ? "changing" : "down";
  if ((server.admin() & server::kDrain) || server.operational() == Operational::stopping) return "nolb";
  if (!is_checked(health)) return "unchecked";
  return health.health + 1 < health.rise + health.fall ? "changing" : "up";
}

Value figure(const Object& object, std::string_view name) {
  return read(*base::Registered<Metric>::find(name), object);
}

std::string cell_text(const Object& object, const Column& column) {
  Value value = figure(object, column.metric);
  if (value.type == Value::Type::nothing) return {};
  if (column.metric == "lastsess") return value.number < 0 ? "?" : duration_text(value.number);
  if (column.metric == "downtime") return duration_text(value.number);
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
    append_escaped(to, base::Registered<Metric>::find(column.metric)->doc);
    fmt::format_to(std::back_inserter(to), "\">{}</th>", column.title);
  }
  to += "<th>Status</th><th>LastChk</th></tr>\n";
}

void append_line(std::string& to, const Object& object, bool form) {
  std::string name = escaped(object.server ? object.server->name() : object.frontend ? "Frontend" : "Backend");
  const std::string box = form && object.server ? fmt::format("<input type=checkbox name=s value=\"{}\"> ", name) : "";
  fmt::format_to(std::back_inserter(to), "<tr class={}><td class=name><a name=\"{}/{}\"></a>{}{}</td>",
                 class_of(object), escaped(object.proxy.name), name, box, name);
  for (const Column& column : kColumns) to += "<td>" + cell_text(object, column) + "</td>";
  Value since = figure(object, "lastchg");
  std::string state = status_text(object);
  if (since.is_number()) state = duration_text(since.number) + " " + state;
  to += "<td class=state>" + escaped(state) + "</td><td class=state title=\"" +
        escaped(figure(object, "last_chk").print()) + "\">" + escaped(last_check_text(object)) + "</td></tr>\n";
}

// What may be done to the servers that are ticked. A form without JavaScript, as on HAProxy's page.
void append_actions(std::string& to, const config::Proxy& proxy) {
  constexpr std::pair<std::string_view, std::string_view> kActions[] = {
      {"", "Choose an action"},        {"ready", "Set state to READY"},     {"drain", "Set state to DRAIN"},
      {"maint", "Set state to MAINT"}, {"dhlth", "Health: disable checks"}, {"ehlth", "Health: enable checks"},
      {"hrunn", "Health: force UP"},   {"hnolb", "Health: force NOLB"},     {"hdown", "Health: force DOWN"},
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
                 "<p><b>pid = </b>{} (process #1, nbproc = 1, nbthread = {})<br>\n<b>uptime = </b>{}<br>\n"
                 "<b>system limits:</b> memmax = {}; ulimit-n = {}<br>\n"
                 "<b>maxsock = </b>{}; <b>maxconn = </b>{}; <b>maxpipes = </b>{}<br>\n"
                 "current conns = {}; conn rate = {}/sec; session rate = {}/sec; idle = {} %</p>\n",
                 info("Pid"), info("Nbthread"), info("Uptime"),
                 process.facts.memory_limit_megabytes ? info("Memmax_MB") + " MB" : "unlimited", info("Ulimit-n"),
                 info("Maxsock"), info("Maxconn"), info("Maxpipes"), info("CurrConns"), info("ConnRate"),
                 info("SessRate"), info("Idle_pct"));
}

void append_links(std::string& to, const config::StatsPage& stats, const PageOptions& options) {
  std::string uri = escaped(stats.uri);
  std::string up = options.only_up ? ";up" : "";
  std::string quiet = options.refresh ? "" : ";norefresh";
  auto link = [&](const std::string& words, std::string_view text) {
    fmt::format_to(std::back_inserter(to), "<a href=\"{}{}\">{}</a> &middot; ", uri, words, text);
  };
  to += "<p>";
  link((options.only_up ? "" : ";up") + quiet, options.only_up ? "Show all servers" : "Hide 'DOWN' servers");
  if (stats.refresh.count() > 0)
    link(up + (options.refresh ? ";norefresh" : ""), options.refresh ? "Disable refresh" : "Enable refresh");
  link(up + quiet, "Refresh now");
  link(";csv;norefresh", "CSV export");
  link(";json;norefresh", "JSON export");
  fmt::format_to(
      std::back_inserter(to),
      "<form method=GET style=\"display: inline\">Scope: <input name=scope size=8 value=\"{}\"></form></p>\n",
      escaped(options.scope));
}

}  // namespace

std::string render_html(const config::Proxy& proxy, const PageOptions& options, const Selection& selection,
                        const ProcessView& process, bool admin) {
  const config::StatsPage& stats = proxy.stats;
  std::string node = stats.node ? " on " + escaped(stats.node->empty() ? process.facts.node : *stats.node) : "";
  std::string out = "<!DOCTYPE html>\n<html><head><title>Statistics Report for HAProxy" + node +
                    "</title>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                    "content=\"width=device-width\">\n<link rel=\"icon\" href=\"data:,\">\n";
  if (options.refresh && stats.refresh.count() > 0)
    fmt::format_to(std::back_inserter(out), "<meta http-equiv=\"refresh\" content=\"{}\">\n", stats.refresh.count());
  out += kStyle;
  out += "</head>\n<body><h1>Tandem</h1>\n";
  if (!stats.hide_version)
    fmt::format_to(std::back_inserter(out), "<p>version {}, follows HAProxy {}, released {}</p>\n", base::kVersion,
                   base::kHaproxyVersion, base::kReleaseDate);
  fmt::format_to(std::back_inserter(out), "<h2>Statistics Report for pid {}{}", process.facts.pid, node);
  if (stats.description)
    out += ": " + escaped(stats.description->empty() ? process.facts.description : *stats.description);
  out += "</h2>\n";
  append_process(out, process);
  append_links(out, stats, options);
  if (const std::string_view text = text_of_result(options.result); !text.empty())
    fmt::format_to(std::back_inserter(out), "<p class=result>{}</p>\n", text);

  const config::Proxy* table = nullptr;
  bool form = false;
  const auto end_table = [&] {
    out += "</table>\n";
    if (form) append_actions(out, *table);
  };
  process.source.for_each(selection, process.now, [&](const Object& object) {
    if (table != &object.proxy) {
      if (table) end_table();
      table = &object.proxy;
      form = admin && !table->servers.empty();
      if (form) out += "<form method=post>";
      std::string name = escaped(table->name);
      out += "<table><caption><a name=\"" + name + "\"></a>" + name;
      if (!table->description.empty()) out += ": " + escaped(table->description);
      out += "</caption>\n";
      append_headings(out);
    }
    append_line(out, object, form);
  });
  if (table) end_table();
  out += "</body></html>\n";
  return out;
}

}  // namespace lbd::stats
