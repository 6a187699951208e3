#include "lbd/stats/pair.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "lbd/stats/text.h"

namespace lbd::stats {
namespace {

constexpr Pair::Role kRoles[] = {Pair::Role::unknown, Pair::Role::backup, Pair::Role::master, Pair::Role::fault};

const Pair::Figure* find(const Pair::Daemon& daemon, std::string_view object, std::string_view name) {
  for (const Pair::Figure& figure : daemon.figures)
    if (figure.object == object && figure.name == name) return &figure;
  return nullptr;
}

double seconds(base::WallTime when) {
  return std::chrono::duration<double>(when.time_since_epoch()).count();
}

// ',instance="VI_1"' for "instance VI_1".
std::string label_of(std::string_view object) {
  const size_t blank = object.find(' ');
  if (blank == std::string_view::npos) return {};
  std::string_view kind = object.substr(0, blank);
  if (kind == "node") kind = "peer";
  return fmt::format("{{{}=\"{}\"}}", kind, prometheus_label(object.substr(blank + 1)));
}

// Families in the order of their names, each with all its samples behind its head.
class Families {
 public:
  void add(const std::string& family, std::string_view help, bool counter, std::string_view labels, double value) {
    std::string& text = families_[family];
    if (text.empty())
      text = fmt::format("# HELP {} {}\n# TYPE {} {}\n", family, help, family, counter ? "counter" : "gauge");
    fmt::format_to(std::back_inserter(text), "{}{} {}\n", family, labels, value);
  }
  void add(std::string_view daemon, const Pair::Figure& figure) {
    if (!figure.text.empty()) return;
    std::string name = figure.name.starts_with("vrrp_") ? figure.name : fmt::format("{}_{}", daemon, figure.name);
    if (figure.counter) name += "_total";
    add("tandem_" + name, figure.help.empty() ? figure.name : figure.help, figure.counter, label_of(figure.object),
        static_cast<double>(figure.value));
  }
  std::string text() const {
    std::string all;
    for (const auto& [name, text] : families_) all += text;
    return all;
  }

 private:
  std::map<std::string, std::string> families_;
};

void append_figures(std::string& to, std::string_view name, const Pair::Daemon& daemon) {
  fmt::format_to(std::back_inserter(to), ",\"{}\":{{\"linked\":{},\"figures\":[", name, daemon.linked);
  bool first = true;
  for (const Pair::Figure& figure : daemon.figures) {
    to += first ? "{\"object\":" : ",{\"object\":";
    first = false;
    append_json(to, figure.object);
    to += ",\"name\":";
    append_json(to, figure.name);
    if (figure.text.empty()) {
      fmt::format_to(std::back_inserter(to), ",\"value\":{}}}", figure.value);
    } else {
      to += ",\"text\":";
      append_json(to, figure.text);
      to += '}';
    }
  }
  to += "]}";
}

}  // namespace

uint64_t Pair::Daemon::number(std::string_view object, std::string_view name) const {
  const Figure* figure = find(*this, object, name);
  return figure ? figure->value : 0;
}

std::string Pair::Daemon::text(std::string_view object, std::string_view name) const {
  const Figure* figure = find(*this, object, name);
  return figure ? figure->text : std::string();
}

std::vector<std::string> Pair::Daemon::objects(std::string_view kind) const {
  std::vector<std::string> names;
  for (const Figure& figure : figures) {
    if (!figure.object.starts_with(kind) || figure.object.size() <= kind.size() + 1) continue;
    std::string name = figure.object.substr(kind.size() + 1);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

std::string_view name_of(Pair::Role role) {
  constexpr std::string_view kNames[] = {"INIT", "BACKUP", "MASTER", "FAULT"};
  return kNames[static_cast<size_t>(role)];
}

std::string render_pair_html(const Pair& pair, base::WallTime now) {
  if (!pair.known()) return {};
  std::string out = "<table class=pair><caption>Pair</caption>\n";
  if (pair.vrrpd.linked)
    out += "<tr><th>Instance</th><th>This node</th><th>Last change</th><th>Priority</th><th>Addresses</th></tr>\n";
  for (const Pair::Instance& instance : pair.instances) {
    std::string addresses;
    for (const std::string& address : instance.addresses) addresses += (addresses.empty() ? "" : ", ") + address;
    const auto since = std::chrono::duration_cast<base::Seconds>(now - instance.since).count();
    const bool changed = instance.since != base::WallTime{};
    std::string why = instance.reason;
    if (!instance.held_back.empty()) why += " (does not preempt: " + instance.held_back + ")";
    fmt::format_to(std::back_inserter(out),
                   "<tr class={}><td class=name>{}</td><td class=state><b>{}</b></td><td class=state>{} {}</td>"
                   "<td>{} of {}</td><td class=state>{}</td></tr>\n",
                   instance.role == Pair::Role::master  ? "up"
                   : instance.role == Pair::Role::fault ? "down"
                                                        : "nolb",
                   html_escaped(instance.name), name_of(instance.role),
                   changed ? short_duration(std::max<int64_t>(0, since)) + " ago" : "", html_escaped(why),
                   instance.priority, instance.base_priority, html_escaped(addresses));
  }
  for (const std::string& node : pair.syncd.objects("node")) {
    const std::string object = "node " + node;
    const bool synced = pair.syncd.number(object, "in_sync") != 0;
    const uint64_t behind =
        pair.syncd.number(object, "updates_on_the_way") + pair.syncd.number(object, "table_parts_on_the_way");
    const bool drifted = pair.syncd.number(object, "configuration_differs") != 0;
    fmt::format_to(
        std::back_inserter(out),
        "<tr class={}><td class=name>node {}</td><td class=state>{}</td><td class=state colspan=3>sync lag: {} "
        "updates{}</td></tr>\n",
        synced ? "up" : "down", html_escaped(node), html_escaped(pair.syncd.text(object, "state")), behind,
        drifted ? ". Its configuration is another one" : "");
  }
  return out + "</table>\n";
}

std::string render_pair_metrics(const Pair& pair) {
  Families families;
  families.add("tandem_vrrpd_up", "1 when vrrpd is linked", false, "", pair.vrrpd.linked);
  families.add("tandem_syncd_up", "1 when syncd is linked", false, "", pair.syncd.linked);
  families.add("tandem_in_sync", "1 when this process and its syncd have told each other everything", false, "",
               pair.in_sync);
  for (const Pair::Instance& instance : pair.instances) {
    const std::string name = prometheus_label(instance.name);
    for (Pair::Role role : kRoles)
      families.add("tandem_vrrp_role", "1 for the role that the instance has on this node", false,
                   fmt::format("{{instance=\"{}\",role=\"{}\"}}", name, name_of(role)), instance.role == role);
    families.add("tandem_vrrp_last_transition_timestamp_seconds", "When the instance last changed its role", false,
                 fmt::format("{{instance=\"{}\"}}", name), seconds(instance.since));
  }
  for (const Pair::Figure& figure : pair.vrrpd.figures) families.add("vrrpd", figure);
  for (const Pair::Figure& figure : pair.syncd.figures) families.add("syncd", figure);
  return families.text();
}

std::string render_pair_json(const Pair& pair) {
  std::string out = fmt::format("{{\"in_sync\":{},\"instances\":[", pair.in_sync);
  for (const Pair::Instance& instance : pair.instances) {
    out += out.back() == '[' ? "{\"name\":" : ",{\"name\":";
    append_json(out, instance.name);
    fmt::format_to(
        std::back_inserter(out),
        ",\"role\":\"{}\",\"router_id\":{},\"priority\":{},\"base_priority\":{},\"since\":{:.6f},\"interface\":",
        name_of(instance.role), instance.router_id, instance.priority, instance.base_priority, seconds(instance.since));
    append_json(out, instance.interface);
    out += ",\"reason\":";
    append_json(out, instance.reason);
    out += ",\"held_back\":";
    append_json(out, instance.held_back);
    out += ",\"addresses\":[";
    for (const std::string& address : instance.addresses) {
      if (out.back() != '[') out += ',';
      append_json(out, address);
    }
    out += "]}";
  }
  out += ']';
  append_figures(out, "vrrpd", pair.vrrpd);
  append_figures(out, "syncd", pair.syncd);
  return out + "}";
}

}  // namespace lbd::stats
