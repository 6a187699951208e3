// The plain words of proxy sections: manual 4.2. Options, timeouts, logging, errors, statistics, checks and rules have
// files of their own.
#include <fmt/format.h>

#include "cfg/address.h"
#include "lbd/config/bind_line.h"
#include "lbd/config/proxy_word.h"
#include "lbd/config/server_line.h"
#include "lbd/config/source_line.h"

namespace lbd::config {
namespace {

void set_mode(cfg::Args& args, Proxy& proxy) {
  if (auto mode = args.take_choice({"tcp", "http"})) proxy.mode = *mode ? Mode::http : Mode::tcp;
}

void add_bind(cfg::Args& args, Proxy& proxy) {
  auto bind = std::make_unique<Bind>();
  parse_bind_line(args, *bind, BindUse::traffic, fmt::format("{} {}", proxy.kind(), proxy.name));
  // Kept even when wrong, so that the proxy is not said to have no listener as well.
  proxy.binds.push_back(std::move(bind));
}

void set_default_backend(cfg::Args& args, Proxy& proxy) {
  auto name = args.take<cfg::Word>();
  if (!name) return;
  proxy.default_backend_name = name->text;
  proxy.default_backend_location = name->loc;
}

void set_balance(cfg::Args& args, Proxy& proxy) {
  const cfg::Word* algorithm = args.next();
  if (!algorithm) {
    // HAProxy takes a bare word for the usual algorithm.
    proxy.balance = {};
    proxy.balance.location = args.statement().loc;
    return;
  }
  proxy.balance.algorithm = algorithm->text;
  proxy.balance.location = algorithm->loc;
  proxy.balance.arguments = args.rest();
}

// map-based|consistent [sdbm|djb2|wt6|crc32|none [avalanche]]
void set_hash_type(cfg::Args& args, Proxy& proxy) {
  const size_t first = args.position();
  if (!args.take_choice({"map-based", "consistent"})) return;
  if (!args.at_end() && !args.take_choice({"sdbm", "djb2", "wt6", "crc32", "none"})) return;
  if (!args.at_end() && !args.take_choice({"avalanche"})) return;
  const auto& words = args.statement().words;
  proxy.balance.hash_type.assign(words.begin() + static_cast<std::ptrdiff_t>(first),
                                 words.begin() + static_cast<std::ptrdiff_t>(args.position()));
}

// 0: off.
void set_balance_factor(cfg::Args& args, Proxy& proxy) {
  const auto factor = args.take<uint32_t>({0, 65535});
  if (!factor) return;
  if (*factor > 0 && *factor <= 100) return args.error("'hash-balance-factor' is 0 or greater than 100");
  proxy.balance.hash_balance_factor = *factor;
}

void set_preserve_affinity(cfg::Args& args, Proxy& proxy) {
  if (auto until = args.take_choice({"always", "maxconn", "maxqueue"}))
    proxy.balance.leave = static_cast<Balance::Leave>(*until);
}

// rdp-cookie, rdp-cookie(NAME)
void set_persist(cfg::Args& args, Proxy& proxy) {
  constexpr std::string_view kMethod = "rdp-cookie";
  auto word = args.take<std::string>();
  if (!word) return;
  std::string_view rest = *word;
  if (!rest.starts_with(kMethod)) return args.error(fmt::format("'persist' knows rdp-cookie, not '{}'", *word));
  rest.remove_prefix(kMethod.size());
  if (rest.empty()) {
    proxy.rdp_cookie = "msts";
    return;
  }
  if (rest.size() < 3 || rest.front() != '(' || rest.back() != ')')
    return args.error(fmt::format("'{}': the name of the cookie is to stand in brackets", *word), "rdp-cookie(msts)");
  proxy.rdp_cookie = rest.substr(1, rest.size() - 2);
}

void set_description(cfg::Args& args, Proxy& proxy) {
  if (args.at_end()) return args.error_at(args.statement().at(args.position()), "'description' expects a text");
  std::string text;
  for (const cfg::Word& word : args.rest()) text += (text.empty() ? "" : " ") + word.text;
  proxy.description = text;
}

void set_http_reuse(cfg::Args& args, Proxy& proxy) {
  if (auto policy = args.take_choice({"never", "safe", "aggressive", "always"}))
    proxy.http_reuse = static_cast<HttpReuse>(*policy);
}

void set_source(cfg::Args& args, Proxy& proxy) {
  if (auto source = read_source(args)) proxy.source = std::move(*source);
}

void set_dispatch(cfg::Args& args, Proxy& proxy) {
  auto word = args.take<cfg::Word>();
  if (!word) return;
  auto address = cfg::parse_address(word->text, args.environment());
  if (!address) return args.error(fmt::format("'dispatch' {}", address.error().text));
  if (address->kind != cfg::Address::Kind::ip || address->ports != cfg::Address::Ports::fixed)
    return args.error("'dispatch' expects an address with a port");
  proxy.dispatch = base::SockAddr(base::IpPort{address->ip, address->port});
}

void set_disabled(cfg::Args&, Proxy& proxy) {
  proxy.disabled = true;
}
void set_enabled(cfg::Args&, Proxy& proxy) {
  proxy.disabled = false;
}

void set_state_file(cfg::Args& args, Proxy& proxy) {
  if (args.at_end() || args.accept("use-backend-name")) {
    proxy.server_state_file_name.clear();
    return;
  }
  if (auto name = args.take<std::string>()) proxy.server_state_file_name = *name;
}

void set_load_state(cfg::Args& args, Proxy& proxy) {
  const std::vector<std::string_view> kinds = {"global", "local", "none"};
  if (auto kind = args.take_choice(kinds)) proxy.load_server_state = kinds[*kind];
}

void keep_line(cfg::Args& args, Proxy& proxy) {
  args.rest();
  proxy.other_lines.push_back(args.statement());
}

constexpr ProxyWord kRows[] = {
    {.name = "backlog",
     .doc = "Length of the kernel's queue of new connections.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::backlog>()},
    {.name = "balance", .doc = "How a server is chosen.", .sections = kBackendSide, .set = set_balance},
    {.name = "bind", .doc = "Addresses to listen on.", .sections = kInFrontend, .set = add_bind},
    {.name = "clitcpka-cnt",
     .doc = "Unanswered TCP keepalive probes that end a client's connection.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::client_keepalive, &Keepalive::count>({1, 127})},
    {.name = "clitcpka-idle",
     .doc = "Idle time before TCP keepalive probes to a client.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::client_keepalive, &Keepalive::idle>({1, 32767})},
    {.name = "clitcpka-intvl",
     .doc = "Time between TCP keepalive probes to a client.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::client_keepalive, &Keepalive::interval>({1, 32767})},
    {.name = "default-server",
     .doc = "Options that later server lines start from.",
     .sections = kBackendSide,
     .set = parse_default_server,
     .flags = kStrict},
    {.name = "default_backend",
     .doc = "The backend when no use_backend rule matches.",
     .sections = kFrontendSide,
     .set = set_default_backend},
    {.name = "description", .doc = "A text for the statistics page.", .sections = kInProxies, .set = set_description},
    {.name = "disabled", .doc = "The section is read but does nothing.", .sections = kEverySide, .set = set_disabled},
    {.name = "dispatch",
     .doc = "The one address that all connections go to.",
     .sections = kInBackend,
     .set = set_dispatch},
    {.name = "email-alert", .doc = "Mail about servers that change state.", .sections = kEverySide, .set = keep_line},
    {.name = "enabled", .doc = "Undoes disabled.", .sections = kEverySide, .set = set_enabled},
    {.name = "fullconn",
     .doc = "Load at which servers reach their maxconn.",
     .sections = kBackendSide,
     .set = cfg::field<&Proxy::fullconn>()},
    {.name = "guid",
     .doc = "A name that stays the same over reloads; nothing here is looked up by it.",
     .sections = kInProxies,
     .set = cfg::field<&Proxy::guid>(),
     .flags = kHint},
    {.name = "hash-balance-factor",
     .doc = "Most load of a server, in percent of the average, before others help.",
     .sections = kBackendSide,
     .set = set_balance_factor},
    {.name = "hash-type",
     .doc = "How hashes become servers: map-based or consistent, function, modifier.",
     .sections = kBackendSide,
     .set = set_hash_type},
    {.name = "hash-preserve-affinity",
     .doc = "Stay with a full server: always, maxconn, maxqueue.",
     .sections = kBackendSide,
     .set = set_preserve_affinity},
    {.name = "http-error",
     .doc = "The answer for a status, described in words.",
     .sections = kEverySide,
     .set = keep_line},
    {.name = "http-reuse",
     .doc = "When idle server connections serve other clients.",
     .sections = kBackendSide,
     .set = set_http_reuse},
    {.name = "http-send-name-header",
     .doc = "Tell the server its name in this header.",
     .sections = kBackendSide,
     .set = cfg::field<&Proxy::http_send_name_header>()},
    {.name = "id",
     .doc = "Numeric id of the section.",
     .sections = kInProxies,
     .set = cfg::field<&Proxy::id>({1, 2147483647})},
    {.name = "load-server-state-from-file",
     .doc = "Take over server states: global, local, none.",
     .sections = kBackendSide,
     .set = set_load_state},
    {.name = "max-keep-alive-queue",
     .doc = "Queue length at which a kept connection is given up.",
     .sections = kBackendSide,
     .set = cfg::field<&Proxy::max_keep_alive_queue>({-1, 2147483647})},
    {.name = "max-session-srv-conns",
     .doc = "Idle server connections that a client's session keeps.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::max_session_srv_conns>()},
    {.name = "maxconn",
     .doc = "Most connections at a time.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::maxconn>()},
    {.name = "mode", .doc = "tcp or http.", .sections = kEverySide, .set = set_mode},
    {.name = "monitor-uri",
     .doc = "A request for this URI is answered 200 at once.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::monitor_uri>()},
    {.name = "persist",
     .doc = "persist rdp-cookie: stay with the server named in the RDP cookie.",
     .sections = kBackendSide,
     .set = set_persist},
    {.name = "rate-limit sessions",
     .doc = "Most new sessions in a second.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::rate_limit_sessions>()},
    {.name = "server", .doc = "A server.", .sections = kInBackend, .set = parse_server_line, .flags = kStrict},
    {.name = "server-state-file-name",
     .doc = "File with the states of the servers.",
     .sections = kBackendSide,
     .set = set_state_file},
    {.name = "server-template",
     .doc = "Several servers of one address.",
     .sections = kInBackend,
     .set = parse_server_template,
     .flags = kStrict},
    {.name = "source",
     .doc = "Address that connections to servers come from.",
     .sections = kBackendSide,
     .set = set_source},
    {.name = "srvtcpka-cnt",
     .doc = "Unanswered TCP keepalive probes that end a server's connection.",
     .sections = kBackendSide,
     .set = cfg::field<&Proxy::server_keepalive, &Keepalive::count>({1, 127})},
    {.name = "srvtcpka-idle",
     .doc = "Idle time before TCP keepalive probes to a server.",
     .sections = kBackendSide,
     .set = cfg::field<&Proxy::server_keepalive, &Keepalive::idle>({1, 32767})},
    {.name = "srvtcpka-intvl",
     .doc = "Time between TCP keepalive probes to a server.",
     .sections = kBackendSide,
     .set = cfg::field<&Proxy::server_keepalive, &Keepalive::interval>({1, 32767})},
    {.name = "ssl-f-use",
     .doc = "A certificate for those bind lines of the frontend that name none, with options of its own.",
     .sections = kInFrontend,
     .set = keep_line},
    {.name = "use-fcgi-app",
     .doc = "The FastCGI application behind the servers.",
     .sections = kInBackend,
     .set = keep_line,
     .pending = "FastCGI is not spoken"},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
