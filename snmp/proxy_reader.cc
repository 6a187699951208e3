#include "snmp/proxy_reader.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <tuple>

#include "base/strings.h"

namespace snmp {
namespace {

constexpr std::array<std::string_view, kFigures> kFigureNames = {
#define SNMP_TEXT(name) #name,
    SNMP_FIGURES(SNMP_TEXT)
#undef SNMP_TEXT
};

std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// One field of a line of CSV; in quotes a quote is doubled.
std::string take_field(std::string_view& line) {
  std::string field;
  if (line.starts_with('"')) {
    size_t at = 1;
    for (; at < line.size(); ++at) {
      if (line[at] == '"' && (at + 1 == line.size() || line[at + 1] != '"')) break;
      if (line[at] == '"') ++at;
      field += line[at];
    }
    line.remove_prefix(std::min(at + 1, line.size()));
    line.remove_prefix(std::min(line.find(','), line.size()));
  } else {
    const size_t end = std::min(line.find(','), line.size());
    field = line.substr(0, end);
    line.remove_prefix(end);
  }
  if (!line.empty()) line.remove_prefix(1);
  return field;
}

enum class Text : uint8_t { pxname, svname, status, check_status, check_desc, last_chk, addr, mode, algo };
constexpr std::string_view kTextNames[] = {"pxname",   "svname", "status", "check_status", "check_desc",
                                           "last_chk", "addr",   "mode",   "algo"};
constexpr size_t kTexts = std::size(kTextNames);

// What each column is for: a text, a figure, or nothing.
struct Place {
  int text = -1, figure = -1;
};

struct Line {
  std::array<std::string, kTexts> texts;
  std::array<int64_t, kFigures> figures{};
  const std::string& operator[](Text text) const { return texts[static_cast<size_t>(text)]; }
  int64_t operator[](Figure figure) const { return figures[static_cast<size_t>(figure)]; }
  const int64_t& type() const { return figures[static_cast<size_t>(Figure::type)]; }
};

std::vector<Place> read_head(std::string_view head) {
  std::vector<Place> places;
  head.remove_prefix(std::min(head.find_first_not_of("# "), head.size()));
  while (!head.empty()) {
    const std::string name = take_field(head);
    Place& place = places.emplace_back();
    const auto text = std::find(std::begin(kTextNames), std::end(kTextNames), name);
    if (text != std::end(kTextNames)) place.text = static_cast<int>(text - std::begin(kTextNames));
    const auto figure = std::find(kFigureNames.begin(), kFigureNames.end(), name);
    if (figure != kFigureNames.end()) place.figure = static_cast<int>(figure - kFigureNames.begin());
  }
  return places;
}

Line read_line(std::string_view text, const std::vector<Place>& places) {
  Line line;
  for (const Place& place : places) {
    if (place.text >= 0) {
      line.texts[static_cast<size_t>(place.text)] = take_field(text);
      continue;
    }
    if (text.starts_with('"')) {  // no number
      take_field(text);
      continue;
    }
    const size_t end = std::min(text.find(','), text.size());
    if (place.figure >= 0 && end > 0)
      line.figures[static_cast<size_t>(place.figure)] = base::parse_int<int64_t>(text.substr(0, end)).value_or(0);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return line;
}

Status status_of(std::string_view text) {
  if (text.starts_with("UP") || text == "OPEN") return Status::up;
  if (text.starts_with("DOWN")) return Status::down;
  if (text.starts_with("MAINT")) return Status::maintenance;
  if (text.starts_with("DRAIN") || text.starts_with("NOLB")) return Status::draining;
  if (text == "no check") return Status::no_check;
  if (text == "STOP" || text == "PAUSED" || text == "WAITING") return Status::stopped;
  if (text == "FULL") return Status::full;
  return Status::unknown;
}

Mode mode_of(std::string_view text) {
  return text == "http" ? Mode::http : text == "tcp" ? Mode::tcp : Mode::other;
}

// "L7OK", "* L4TOUT": with the star a check is under way.
CheckResult check_of(std::string_view text) {
  if (text.empty() || text == "UNK" || text == "no check") return CheckResult::none;
  if (text == "INI" || text == "CHECKED") return CheckResult::running;
  if (text.starts_with("* ")) text.remove_prefix(2);
  return text.find("OK") != text.npos ? CheckResult::passed : CheckResult::failed;
}

// All that is read is that of `line`, and becomes one of `Row`.
template <typename Row>
Row make(const Line& line, uint32_t index, const std::string& name) {
  Row row;
  row.name = name;
  row.index = index;
  row.status_text = line[Text::status];
  row.status = status_of(row.status_text);
  row.mode = mode_of(line[Text::mode]);
  row.address = line[Text::addr];
  row.figures = line.figures;
  return row;
}

constexpr int kFrontend = 0, kBackend = 1, kServer = 2, kListener = 3;

bool is_down(Status status) {
  return status == Status::down || status == Status::maintenance;
}

std::vector<Line> read_lines(std::string_view text) {
  std::vector<Line> lines;
  const std::vector<Place> places = read_head(take_line(text));
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (!line.empty() && line.find(',') != line.npos) lines.push_back(read_line(line, places));
  }
  return lines;
}

bool is_stat(std::string_view text) {
  return text.starts_with("# pxname,svname,");
}

}  // namespace

bool read_stat(std::string_view text, Indices& indices, Snapshot& to) {
  if (!is_stat(text)) return false;
  const std::vector<Line> lines = read_lines(text);
  // Sorted: who has a number first does not depend on the order in the file.
  std::vector<const Line*> sorted;
  for (const Line& line : lines) sorted.push_back(&line);
  std::sort(sorted.begin(), sorted.end(), [](const Line* a, const Line* b) {
    const auto key = [](const Line& line) { return std::tie(line[Text::pxname], line.type(), line[Text::svname]); };
    return key(*a) < key(*b);
  });
  std::map<uint32_t, Backend*> backends;
  to.backends.resize(static_cast<size_t>(
      std::count_if(lines.begin(), lines.end(), [](const Line& line) { return line.type() == kBackend; })));
  size_t filled = 0;
  for (const Line* each : sorted) {
    const Line& line = *each;
    const std::string& proxy = line[Text::pxname];
    switch (line[Figure::type]) {
      case kFrontend:
        to.frontends.push_back(make<Frontend>(line, indices.of("frontend", proxy), proxy));
        break;
      case kBackend: {
        Backend& backend = to.backends[filled++];
        backend = make<Backend>(line, indices.of("backend", proxy), proxy);
        backend.algorithm = line[Text::algo];
        backends[backend.index] = &backend;
        break;
      }
      case kServer: {
        const std::string& name = line[Text::svname];
        auto server = make<Server>(line, indices.of("server " + proxy, name), name);
        server.backend = indices.of("backend", proxy);
        server.backend_name = proxy;
        server.check = check_of(line[Text::check_status]);
        server.check_status = line[Text::check_status];
        server.check_text = line[Text::last_chk].empty() ? line[Text::check_desc] : line[Text::last_chk];
        if (const auto backend = backends.find(server.backend); backend != backends.end()) {
          ++backend->second->servers;
          backend->second->servers_down += is_down(server.status);
        }
        to.servers.push_back(std::move(server));
        break;
      }
      case kListener: {
        const std::string& name = line[Text::svname];
        auto listener = make<Listener>(line, indices.of("listener " + proxy, name), name);
        listener.frontend = indices.of("frontend", proxy);
        listener.frontend_name = proxy;
        to.listeners.push_back(std::move(listener));
        break;
      }
      default:
        break;
    }
  }
  return true;
}

bool read_info(std::string_view text, Snapshot& to) {
  Daemon& daemon = to.daemon(DaemonKind::lbd);
  bool found = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const size_t colon = line.find(": ");
    if (colon == line.npos) continue;
    const std::string_view name = line.substr(0, colon), value = line.substr(colon + 2);
    const int64_t number = base::parse_int<int64_t>(value).value_or(0);
    if (name == "Pid") {
      daemon.pid = static_cast<uint32_t>(number);
      found = true;
    }
    if (name == "Version") daemon.version = value;
    if (name == "Uptime_sec") daemon.uptime = number;
    if (name == "node" && to.node.empty()) to.node = value;
    if (name == "CurrConns") to.process.connections = number;
    if (name == "Maxconn") to.process.max_connections = number;
    if (name == "CumConns") to.process.connections_total = number;
    if (name == "CumReq") to.process.requests_total = number;
    if (name == "CurrSslConns") to.process.tls_connections = number;
    if (name == "Idle_pct") to.process.idle_percent = number;
    if (name == "Nbthread") to.process.threads = number;
    if (name == "Stopping") to.process.stopping = number;
  }
  daemon.generation = daemon.pid;
  daemon.up = found;
  return found;
}

bool read_tables(std::string_view text, Indices& indices, Snapshot& to) {
  bool found = false;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    constexpr std::string_view kHead = "# table: ";
    if (!line.starts_with(kHead)) continue;
    line.remove_prefix(kHead.size());
    StickTable table;
    table.name = line.substr(0, line.find(','));
    const auto value = [&](std::string_view name) -> std::string_view {
      const size_t at = line.find(name);
      if (at == line.npos) return {};
      std::string_view rest = line.substr(at + name.size());
      rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
      return rest.substr(0, rest.find(','));
    };
    table.type = value(", type:");
    table.size = base::parse_int<int64_t>(value(", size:")).value_or(0);
    table.used = base::parse_int<int64_t>(value(", used:")).value_or(0);
    table.index = indices.of("table", table.name);
    to.tables.push_back(std::move(table));
    found = true;
  }
  return found;
}

std::vector<std::string> read_certificate_list(std::string_view text) {
  std::vector<std::string> paths;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    // '#' is a heading, '*' what is being prepared; a refusal has no heading.
    if (line.starts_with('/') || (!line.empty() && line[0] != '#' && line[0] != '*' && line.find(' ') == line.npos))
      paths.emplace_back(line);
  }
  return paths;
}

int64_t parse_certificate_time(std::string_view text) {
  tm parts{};
  const std::string whole(text);
  const char* end = strptime(whole.c_str(), "%b %d %H:%M:%S %Y", &parts);
  return end ? static_cast<int64_t>(timegm(&parts)) : 0;
}

bool read_certificate(std::string_view text, Certificate& to) {
  bool found = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const size_t colon = line.find(": ");
    if (colon == line.npos) continue;
    const std::string_view name = line.substr(0, colon), value = line.substr(colon + 2);
    if (name == "Filename") to.path = value;
    if (name == "Status") {
      to.status = value;
      to.used = value == "Used";
      found = true;
    }
    if (name == "Serial") to.serial = value;
    if (name == "notBefore") to.not_before = parse_certificate_time(value);
    if (name == "notAfter") to.not_after = parse_certificate_time(value);
    if (name == "Subject") to.subject = value;
    if (name == "Issuer") to.issuer = value;
    if (name == "OCSP Response Key") to.ocsp_key = value;
  }
  return found;
}

bool read_ocsp(std::string_view text, int64_t now, Certificate& to) {
  using Ocsp = Certificate::Ocsp;
  bool found = false;
  while (!text.empty()) {
    const std::string_view line = base::trim(take_line(text));
    const size_t colon = line.find(": ");
    if (colon == line.npos) continue;
    const std::string_view name = line.substr(0, colon), value = line.substr(colon + 2);
    if (name == "Cert Status") {
      to.ocsp = value == "good" ? Ocsp::good : value == "revoked" ? Ocsp::revoked : Ocsp::unknown;
      found = true;
    }
    if (name == "Next Update") to.ocsp_next_update = parse_certificate_time(value);
  }
  if (to.ocsp == Ocsp::good && to.ocsp_next_update && to.ocsp_next_update < now) to.ocsp = Ocsp::expired;
  return found;
}

std::vector<Indices::Fixed> read_ids(std::string_view text) {
  std::vector<Indices::Fixed> all;
  while (!text.empty()) {
    const std::vector<std::string_view> words = base::split(take_line(text), ' ');
    const auto number = words.size() == 3 ? base::parse_int<uint32_t>(words[2]) : std::nullopt;
    if (!number || *number == 0 || *number > 0x7fffffff) continue;
    const std::string name(words[1]);
    const size_t slash = name.find('/');
    if (words[0] == "proxy") {
      all.push_back({"frontend", name, *number});
      all.push_back({"backend", name, *number});
    } else if ((words[0] == "server" || words[0] == "listener") && slash != name.npos) {
      all.push_back({std::string(words[0]) + " " + name.substr(0, slash), name.substr(slash + 1), *number});
    }
  }
  return all;
}

bool read_reloads(std::string_view text, Snapshot& to) {
  bool found = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.starts_with("failed: ")) {
      to.lbd_reloads.failed = base::parse_int<int64_t>(line.substr(8)).value_or(0);
      found = true;
    }
    // last: DATE WHY
    if (line.starts_with("last: ")) {
      const size_t blank = line.find(' ', 6);
      if (blank != line.npos) to.lbd_reloads.why = line.substr(blank + 1);
    }
  }
  return found;
}

std::string digest_of_states(std::string_view stat) {
  std::string digest;
  if (!is_stat(stat)) return digest;
  for (const Line& line : read_lines(stat)) {
    digest += line[Text::pxname] + '/' + line[Text::svname] + ' ' + line[Text::status];
    for (const Figure figure : {Figure::act, Figure::bck, Figure::chkdown})
      digest += ' ' + std::to_string(line[figure]);
    digest += '\n';
  }
  return digest;
}

}  // namespace snmp
