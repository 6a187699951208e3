#include <algorithm>
#include <ctime>

#include "lbd/expr/fetch/tls_handle.h"
#include "lbd/expr/log_tag.h"
#include "lbd/expr/process.h"
#include "lbd/http/uri.h"

namespace lbd::expr {
namespace {

constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Broken-down time of a second; a thread asks for the same second many times.
struct Second {
  std::time_t at = -1;
  std::tm parts{};
  const std::tm& of(std::time_t when, bool local) {
    if (when != at) {
      at = when;
      local ? ::localtime_r(&when, &parts) : ::gmtime_r(&when, &parts);
    }
    return parts;
  }
};
thread_local Second local_second, gmt_second;

std::time_t seconds_of(base::WallTime when) {
  return static_cast<std::time_t>(std::chrono::floor<base::Seconds>(when.time_since_epoch()).count());
}
unsigned millis_of(base::WallTime when) {
  return static_cast<unsigned>(std::chrono::floor<base::Millis>(when.time_since_epoch()).count() % 1000);
}

void day(Printer& out, const std::tm& tm) {
  out.padded(static_cast<unsigned>(tm.tm_mday), 2);
  out.raw('/');
  out.raw(kMonths[tm.tm_mon]);
  out.raw('/');
  out.padded(static_cast<unsigned>(tm.tm_year + 1900), 4);
  out.raw(':');
  out.padded(static_cast<unsigned>(tm.tm_hour), 2);
  out.raw(':');
  out.padded(static_cast<unsigned>(tm.tm_min), 2);
  out.raw(':');
  out.padded(static_cast<unsigned>(tm.tm_sec), 2);
}

void date_with_millis(Printer& out, base::WallTime when) {
  day(out, local_second.of(seconds_of(when), true));
  out.raw('.');
  out.padded(millis_of(when), 3);
}

void date_with_zone(Printer& out, base::WallTime when, bool local) {
  const std::tm& tm = local ? local_second.of(seconds_of(when), true) : gmt_second.of(seconds_of(when), false);
  day(out, tm);
  long offset = local ? tm.tm_gmtoff / 60 : 0;
  out.raw(offset < 0 ? " -" : " +");
  auto minutes = static_cast<uint64_t>(offset < 0 ? -offset : offset);
  out.padded(minutes / 60, 2);
  out.padded(minutes % 60, 2);
}

int64_t millis(base::MonoTime from, base::MonoTime to) {
  if (from == base::kNever || to == base::kNever) return -1;
  return base::to_millis(to - from);
}

// Where the wait in queues begins: of a tarpitted request with its first byte, since it never ends.
base::MonoTime request_end(const Transaction& t) {
  return t.at.request_done == base::kNever ? t.at.request_start : t.at.request_done;
}

// Health checks are shown before they are over.
bool early(const Transaction& t) {
  return t.frontend ? t.frontend->config().has(config::Option::logasap) : t.health_check;
}

bool by_http(const Transaction& t) {
  return t.frontend && t.frontend->config().mode == config::Mode::http;
}

std::string_view frontend_name(const Transaction& t) {
  return t.frontend ? std::string_view(t.frontend->name()) : t.inside;
}

const char* cipher_of(const SSL* ssl) {
  return SSL_get_cipher_name(ssl);
}

// What a client's TLS session says; nothing in clear.
template <const char* (*ask)(const SSL*)>
std::string_view of_client_tls(const Transaction& t) {
  const SSL* ssl = ssl_of<Side::client>(t);
  const char* said = ssl ? ask(ssl) : nullptr;
  return said ? said : "";
}

void number(Printer& out, int64_t value) {
  out.number(value);
}

// Ports, seconds and the counters; everything else is decimal whatever the flags. haproxy writes at least four digits.
void hexable(Printer& out, int64_t value) {
  out.hexadecimal ? out.hex(static_cast<uint64_t>(value), 4) : out.number(value);
}

std::string_view server_name(const Transaction& t) {
  if (!t.service.empty()) return {};
  return t.server ? std::string_view(t.server->name()) : std::string_view("<NOSRV>");
}

void print_server(Printer& out, Transaction& t) {
  if (t.service.empty()) return out.text(server_name(t));
  if (out.quote) out.raw('"');
  out.raw('<');
  out.raw(t.service);
  out.raw('>');
  if (out.quote) out.raw('"');
}

void print_captures(Printer& out, std::span<std::string_view> slots) {
  if (slots.empty()) return;
  if (out.quote) out.raw('"');
  out.raw('{');
  for (size_t i = 0; i < slots.size(); ++i) {
    if (i) out.raw('|');
    out.escaped(slots[i], "\"#{|}");
  }
  out.raw('}');
  if (out.quote) out.raw('"');
}

void print_capture_list(Printer& out, std::span<std::string_view> slots) {
  for (size_t i = 0; i < slots.size(); ++i) {
    if (i) out.raw(' ');
    if (slots[i].empty()) {
      out.text("");
      continue;
    }
    if (out.quote) out.raw('"');
    out.escaped(slots[i], "\"#{|}");
    if (out.quote) out.raw('"');
  }
}

// The request line as it came; parts of it by its blanks.
std::string_view line_part(const Transaction& t, int part) {
  std::string_view line = t.request_line;
  size_t first = line.find(' ');
  if (first == std::string_view::npos) return part == 0 || line == kBadRequest ? line : std::string_view();
  size_t last = line.rfind(' ');
  if (part == 0) return line.substr(0, first);
  if (part == 1) return last > first ? line.substr(first + 1, last - first - 1) : line.substr(first + 1);
  return last > first ? line.substr(last + 1) : std::string_view();
}

void print_uri_part(Printer& out, std::string_view part) {
  if (out.quote) out.raw('"');
  out.escaped(part, "\"#", out.escape ? "\\]" : "");
  if (out.quote) out.raw('"');
}

void print_cookie(Printer& out, std::string_view cookie) {
  cookie.empty() ? out.text(cookie) : print_uri_part(out, cookie);
}

void print_port(Printer& out, const base::IpPort& at) {
  if (at.ip.length() == 0) return out.text(at.ip.family == base::Family::unix ? "0" : "");
  hexable(out, at.port);
}

void print_address(Printer& out, const base::IpAddr& ip) {
  if (ip.family == base::Family::unix) return out.text("unix");
  if (ip.length() == 0) return out.text("");
  if (out.hexadecimal && ip.is_v4()) return out.hex(ip.v4_host_order(), 8);
  char room[64];
  out.text({room, ip.print(room)});
}

using T = Transaction;
constexpr LogTagRow kRows[] = {
    {"B", "Bytes sent to the client.", false,
     [](Printer& o, T& t) {
       if (early(t)) o.raw('+');
       number(o, static_cast<int64_t>(t.bytes_out));
     }, LogKind::number},
    {"CC", "Captured request cookie.", true, [](Printer& o, T& t) { print_cookie(o, t.request_cookie); }},
    {"CS", "Captured response cookie.", true, [](Printer& o, T& t) { print_cookie(o, t.response_cookie); }},
    {"H", "Name of this host.", false, [](Printer& o, T& t) { o.text(t.process ? t.process->hostname : ""); }},
    {"HM", "HTTP method.", true, [](Printer& o, T& t) { print_uri_part(o, line_part(t, 0)); }},
    {"HP", "HTTP path with host, without query.", true,
     [](Printer& o, T& t) {
       std::string_view uri = line_part(t, 1);
       print_uri_part(o, uri.substr(0, uri.find('?')));
     }},
    {"HPO", "HTTP path only.", true, [](Printer& o, T& t) {
       std::string_view uri = line_part(t, 1);
       print_uri_part(o, uri == kBadRequest ? uri : http::path_of(uri));
     }},
    {"HQ", "HTTP query with its question mark.", true,
     [](Printer& o, T& t) {
       std::string_view uri = line_part(t, 1);
       print_uri_part(o, uri == kBadRequest ? uri : uri.substr(std::min(uri.find('?'), uri.size())));
     }},
    {"HU", "HTTP URI.", true, [](Printer& o, T& t) { print_uri_part(o, line_part(t, 1)); }},
    {"HV", "HTTP version.", true, [](Printer& o, T& t) { print_uri_part(o, line_part(t, 2)); }},
    {"ID", "Unique id.", false, [](Printer& o, T& t) { o.text(t.unique_id); }},
    {"ST", "Status.", false, [](Printer& o, T& t) { number(o, t.status || !by_http(t) ? t.status : -1); }, LogKind::number},
    {"T", "Date of accept, GMT.", false, [](Printer& o, T& t) { date_with_zone(o, t.at.accepted_wall, false); }},
    {"Ta", "Active time of the request.", true,
     [](Printer& o, T& t) {
       if (early(t)) o.raw('+');
       number(o, millis(t.at.request_start, t.at.end));
     }, LogKind::number},
    {"Tc", "Time to connect to the server.", false, [](Printer& o, T& t) { number(o, millis(t.at.queued_until, t.at.connected)); }, LogKind::number},
    {"Td", "Time of the data.", false, [](Printer& o, T& t) { number(o, millis(t.at.response_head, t.at.end)); }, LogKind::number},
    {"Th", "Time of handshakes.", false, [](Printer& o, T& t) { number(o, t.frontend ? base::to_millis(t.at.handshakes) : -1); }, LogKind::number},
    {"Ti", "Idle time before the request.", true,
     [](Printer& o, T& t) { number(o, std::max<int64_t>(0, millis(t.at.accepted + t.at.handshakes, t.at.request_start))); }, LogKind::number},
    {"Tl", "Date of accept, local.", false, [](Printer& o, T& t) { date_with_zone(o, t.at.accepted_wall, true); }},
    {"Tq", "Th + Ti + TR.", true, [](Printer& o, T& t) { number(o, millis(t.at.accepted, t.at.request_done)); }, LogKind::number},
    {"TR", "Time to get the request.", true, [](Printer& o, T& t) { number(o, millis(t.at.request_start, t.at.request_done)); }, LogKind::number},
    {"Tr", "Time of the server to answer.", true, [](Printer& o, T& t) { number(o, millis(t.at.connected, t.at.response_head)); }, LogKind::number},
    {"Ts", "Time of accept in seconds.", false, [](Printer& o, T& t) { hexable(o, seconds_of(t.at.accepted_wall)); }, LogKind::number},
    {"Tt", "Total time.", false,
     [](Printer& o, T& t) {
       if (early(t)) o.raw('+');
       number(o, millis(t.at.accepted, t.at.end));
     }, LogKind::number},
    {"Tu", "Total time as the user sees it: Th + Ta.", false,
     [](Printer& o, T& t) {
       if (early(t)) o.raw('+');
       number(o, millis(t.at.request_start - t.at.handshakes, t.at.end));
     }, LogKind::number},
    {"Tw", "Time in queues.", false, [](Printer& o, T& t) { number(o, millis(request_end(t), t.at.queued_until)); }, LogKind::number},
    {"U", "Bytes from the client.", false, [](Printer& o, T& t) { number(o, static_cast<int64_t>(t.bytes_in)); }, LogKind::number},
    {"ac", "Connections of the process.", false, [](Printer& o, T& t) { number(o, t.connections_now); }, LogKind::number},
    {"b", "Name of the backend.", false,
     [](Printer& o, T& t) { o.text(t.backend ? std::string_view(t.backend->name()) : frontend_name(t)); }},
    {"bc", "Streams of the backend.", false, [](Printer& o, T& t) { number(o, t.backend_now); }, LogKind::number},
    {"bi", "Our address towards the server.", false,
     [](Printer& o, T& t) { print_address(o, t.server_source.ip); }},
    {"bp", "Our port towards the server.", false, [](Printer& o, T& t) { print_port(o, t.server_source); }, LogKind::number},
    {"bq", "Before it in the backend's queue.", false, [](Printer& o, T& t) { number(o, t.queue_before_backend); }, LogKind::number},
    {"ci", "Address of the client.", false, [](Printer& o, T& t) { print_address(o, t.src.ip); }},
    {"cp", "Port of the client.", false,
     [](Printer& o, T& t) {
       if (t.src.ip.family == base::Family::unix) return hexable(o, t.session.bind_index);
       print_port(o, t.src);
     }, LogKind::number},
    {"f", "Name of the frontend.", false, [](Printer& o, T& t) { o.text(frontend_name(t)); }},
    {"fc", "Connections of the frontend.", false, [](Printer& o, T& t) { number(o, t.frontend_now); }, LogKind::number},
    {"fi", "Address that the client connected to.", false,
     [](Printer& o, T& t) { t.dst.ip.length() || !t.frontend ? print_address(o, t.dst.ip) : o.text("unix"); }},
    {"fp", "Port that the client connected to.", false, [](Printer& o, T& t) { print_port(o, t.dst); }, LogKind::number},
    {"ft", "Name of the frontend, with ~ for TLS.", false,
     [](Printer& o, T& t) {
       if (o.quote) o.raw('"');
       o.raw(frontend_name(t));
       if (t.session.tls) o.raw('~');
       if (o.quote) o.raw('"');
     }},
    {"hr", "Captured request headers.", false, [](Printer& o, T& t) { print_captures(o, t.request_captures); }},
    {"hrl", "Captured request headers, one by one.", false, [](Printer& o, T& t) { print_capture_list(o, t.request_captures); }, LogKind::text, [](T& t) { return t.request_captures; }},
    {"hs", "Captured response headers.", false, [](Printer& o, T& t) { print_captures(o, t.response_captures); }},
    {"hsl", "Captured response headers, one by one.", false, [](Printer& o, T& t) { print_capture_list(o, t.response_captures); }, LogKind::text, [](T& t) { return t.response_captures; }},
    {"lc", "Number of this log line.", false, [](Printer& o, T& t) { hexable(o, static_cast<int64_t>(t.id)); }, LogKind::number},
    {"ms", "Milliseconds of the accept date.", false,
     [](Printer& o, T& t) { o.hexadecimal ? o.hex(millis_of(t.at.accepted_wall), 2) : o.padded(millis_of(t.at.accepted_wall), 3); }, LogKind::number},
    {"pid", "Number of the process.", false, [](Printer& o, T& t) { hexable(o, t.process ? t.process->pid : 0); }, LogKind::number},
    {"r", "The request line.", true, [](Printer& o, T& t) { print_uri_part(o, t.request_line); }},
    {"rc", "Retries, with + after a redispatch.", false,
     [](Printer& o, T& t) {
       if (t.redispatched) o.raw('+');
       number(o, t.retries);
     }, LogKind::number},
    {"rt", "Counter of requests.", false, [](Printer& o, T& t) { hexable(o, static_cast<int64_t>(t.id)); }, LogKind::number},
    {"s", "Name of the server.", false, print_server},
    {"sc", "Connections of the server.", false, [](Printer& o, T& t) { number(o, t.server_now); }, LogKind::number},
    {"si", "Address of the server.", false,
     [](Printer& o, T& t) { print_address(o, t.server ? t.server->address().ip_port().ip : base::IpAddr{}); }},
    {"sp", "Port of the server.", false, [](Printer& o, T& t) { print_port(o, t.server ? t.server->address().ip_port() : base::IpPort{}); }, LogKind::number},
    {"sq", "Before it in the server's queue.", false, [](Printer& o, T& t) { number(o, t.queue_before_server); }, LogKind::number},
    {"sslc", "TLS cipher.", false, [](Printer& o, T& t) { o.text(of_client_tls<cipher_of>(t)); }},
    {"sslv", "TLS version.", false, [](Printer& o, T& t) { o.text(of_client_tls<SSL_get_version>(t)); }},
    {"t", "Date of accept with milliseconds, local.", false, [](Printer& o, T& t) { date_with_millis(o, t.at.accepted_wall); }},
    {"tr", "Date of the request with milliseconds, local.", true, [](Printer& o, T& t) { date_with_millis(o, t.at.request_wall); }},
    {"trg", "Date of the request, GMT.", true, [](Printer& o, T& t) { date_with_zone(o, t.at.request_wall, false); }},
    {"trl", "Date of the request, local.", true, [](Printer& o, T& t) { date_with_zone(o, t.at.request_wall, true); }},
    {"ts", "Termination state.", false,
     [](Printer& o, T& t) {
       o.raw(t.termination.cause);
       o.raw(t.termination.phase);
     }},
    {"tsc", "Termination state with cookies.", false,
     [](Printer& o, T& t) {
       o.raw(t.termination.cause);
       o.raw(t.termination.phase);
       o.raw(t.termination.cookie_request);
       o.raw(t.termination.cookie_response);
     }},
};
const LogTags kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
