// The words of a server line that are neither checks nor TLS: manual 5.2.
#include <fmt/format.h>

#include "base/strings.h"
#include "cfg/address.h"
#include "lbd/config/server_line.h"
#include "lbd/config/source_line.h"

namespace lbd::config {

std::string take_protocol(cfg::Args& args) {
  const std::vector<std::string_view> kinds = {"h1", "h2", "none", "fcgi"};
  const auto kind = args.take_choice(kinds);
  if (!kind) return {};
  if (kinds[*kind] != "fcgi") return std::string(kinds[*kind]);
  args.error("FastCGI is not spoken", "servers are spoken to in HTTP/1 or HTTP/2");
  return {};
}

void keep_expression(cfg::Args& args, Server& server) {
  cfg::Statement kept;
  kept.words.push_back(args.statement().words[args.position() - 1]);
  kept.loc = kept.words.front().loc;
  auto word = args.take<cfg::Word>();
  if (!word) return;
  kept.words.push_back(std::move(*word));
  server.expressions.push_back(std::move(kept));
}

namespace {

template <auto Member, auto Value>
void assign(cfg::Args&, Server& server) {
  server.*Member = Value;
}

void set_pool_max(cfg::Args& args, Server& server) {
  if (auto count = args.take<int32_t>({-1, 2147483647})) server.pool_max_conn = *count;
}

void set_max_reuse(cfg::Args& args, Server& server) {
  auto count = args.take<int32_t>({-1, 2147483647});
  if (count) server.max_reuse = *count < 0 ? ~0u : static_cast<uint32_t>(*count);
}

void set_proxy_v2_options(cfg::Args& args, Server& server) {
  auto word = args.take<std::string>();
  if (!word) return;
  static const std::vector<std::string_view> kKnown = {"ssl",      "cert-cn",   "ssl-cipher", "cert-sig",
                                                       "cert-key", "authority", "crc32c",     "unique-id"};
  for (std::string_view option : base::split(*word, ',')) {
    if (std::find(kKnown.begin(), kKnown.end(), option) == kKnown.end())
      return args.error(fmt::format("unknown option '{}' of proxy-v2-options", option));
    server.proxy_v2_checksum = server.proxy_v2_checksum || option == "crc32c";
    server.proxy_v2_unique_id = server.proxy_v2_unique_id || option == "unique-id";
    server.proxy_v2_authority = server.proxy_v2_authority || option == "authority";
    // What says more of TLS says that it is there.
    for (const auto& [name, bit] : {std::pair<std::string_view, uint8_t>{"ssl", ProxyTls::kTls},
                                    {"cert-cn", ProxyTls::kCommonName},
                                    {"cert-key", ProxyTls::kKey},
                                    {"cert-sig", ProxyTls::kSignature},
                                    {"ssl-cipher", ProxyTls::kCipher}})
      if (option == name) server.proxy_v2_tls |= static_cast<uint8_t>(bit | ProxyTls::kTls);
  }
}

template <uint8_t Version, uint8_t Tls>
void set_proxy_tls(cfg::Args&, Server& server) {
  server.send_proxy = Version;
  server.proxy_v2_tls = Version ? static_cast<uint8_t>(server.proxy_v2_tls | Tls) : 0;
}

void set_source(cfg::Args& args, Server& server) {
  if (auto source = read_source(args)) server.source = std::move(*source);
}

void set_init_state(cfg::Args& args, Server& server) {
  const std::vector<std::string_view> states = {"up", "down", "fully-up", "fully-down"};
  if (auto state = args.take_choice(states)) server.init_state = states[*state];
}

void set_init_addr(cfg::Args& args, Server& server) {
  auto word = args.take<std::string>();
  if (!word) return;
  for (std::string_view method : base::split(*word, ','))
    if (method != "last" && method != "libc" && method != "none" && !base::IpAddr::parse(method))
      return args.error(fmt::format("'init-addr' knows last, libc, none and an address, not '{}'", method));
  server.init_addr = *word;
}

void set_resolve_prefer(cfg::Args& args, Server& server) {
  if (auto family = args.take_choice({"ipv4", "ipv6"}))
    server.resolve_prefer = *family ? base::Family::v6 : base::Family::v4;
}

void set_resolve_net(cfg::Args& args, Server& server) {
  auto word = args.take<std::string>();
  if (!word) return;
  server.resolve_net.clear();
  for (std::string_view text : base::split(*word, ',')) {
    auto network = base::IpPrefix::parse(text);
    if (!network) return args.error(fmt::format("'resolve-net' invalid network '{}'", text));
    server.resolve_net.push_back(*network);
  }
}

void set_resolve_opts(cfg::Args& args, Server& server) {
  auto word = args.take<std::string>();
  if (!word) return;
  for (std::string_view option : base::split(*word, ',')) {
    if (option == "allow-dup-ip")
      server.resolve_allow_dup = true;
    else if (option == "prevent-dup-ip")
      server.resolve_allow_dup = false;
    else if (option == "ignore-weight")
      server.resolve_ignore_weight = true;
    else
      return args.error(fmt::format("'resolve-opts' knows no option '{}'", option),
                        "there are allow-dup-ip, ignore-weight and prevent-dup-ip");
  }
}

void set_hash_key(cfg::Args& args, Server& server) {
  if (auto key = args.take_choice({"id", "addr", "addr-port"})) server.hash_key = static_cast<Server::HashKey>(*key);
}

void set_socks4(cfg::Args& args, Server& server) {
  auto word = args.take<cfg::Word>();
  if (!word) return;
  auto address = cfg::parse_address(word->text, args.environment());
  if (!address) return args.error(fmt::format("'socks4' {}", address.error().text));
  using Kind = cfg::Address::Kind;
  if ((address->kind != Kind::ip && address->kind != Kind::name) || address->wildcard)
    return args.error(fmt::format("'socks4' expects an address and a port, not '{}'", word->text));
  if (address->ports != cfg::Address::Ports::fixed || address->port == 0)
    return args.error(fmt::format("'socks4': there is no port in '{}'", word->text), "the usual one is 1080");
  server.socks4 = Server::Socks4{{address->ip, address->port}, address->name, address->family};
}

void set_log_proto(cfg::Args& args, Server& server) {
  if (auto proto = args.take_choice({"legacy", "octet-count"})) server.log_proto = *proto ? "octet-count" : "legacy";
}

void set_ws(cfg::Args& args, Server& server) {
  const std::vector<std::string_view> kinds = {"auto", "h1", "h2"};
  if (auto kind = args.take_choice(kinds)) server.ws = kinds[*kind];
}

void set_signature(cfg::Args& args, Server& server) {
  constexpr size_t kMost = 80;  // TCP_MD5SIG_MAXKEYLEN
  const auto key = args.take<std::string>();
  if (!key) return;
  if (key->empty() || key->size() > kMost) return args.error("a signature's password has 1 to 80 bytes");
  server.tcp_md5sig = *key;
}

void set_namespace(cfg::Args& args, Server& server) {
  const auto name = args.take<std::string>();
  if (!name) return;
  if (*name == "*")
    return args.warning("'namespace *' has no effect: what PROXY headers say of namespaces is not looked at");
  server.namespace_name = *name;
}

constexpr ServerWord kRows[] = {
    {.name = "backup",
     .doc = "Used only when no other server is.",
     .set = assign<&Server::backup, true>,
     .flags = kRuntime},
    {.name = "no-backup", .doc = "Undoes backup.", .set = assign<&Server::backup, false>},
    {.name = "cookie", .doc = "Value of the persistence cookie for this server.", .set = cfg::field<&Server::cookie>()},
    {.name = "disabled", .doc = "Starts in maintenance.", .set = assign<&Server::disabled, true>, .flags = kRuntime},
    {.name = "enabled", .doc = "Undoes disabled.", .set = assign<&Server::disabled, false>, .flags = kRuntime},
    {.name = "guid",
     .doc = "A name that stays the same over reloads; nothing here is looked up by it.",
     .set = cfg::field<&Server::guid>(),
     .flags = kHint},
    {.name = "hash-key",
     .doc = "What consistent hashing places the server by: id, addr, addr-port.",
     .set = set_hash_key},
    {.name = "id",
     .doc = "Numeric id of the server.",
     .set = cfg::field<&Server::id>({1, 2147483647}),
     .flags = kRuntime},
    {.name = "idle-ping",
     .doc = "HTTP/2 PING on idle connections this often; one that does not answer before the next is closed.",
     .set = cfg::field<&Server::idle_ping>()},
    {.name = "init-addr",
     .doc = "Where the first address of a name comes from: last, libc, none, an address.",
     .set = set_init_addr},
    {.name = "init-state",
     .doc = "State before the first check: up, down, fully-up, fully-down.",
     .set = set_init_state},
    {.name = "log-bufsize",
     .doc = "Buffer of a log server.",
     .set = cfg::field<&Server::log_bufsize>(),
     .pending = "servers get no log messages"},
    {.name = "log-proto",
     .doc = "Framing towards a syslog server: legacy or octet-count.",
     .set = set_log_proto,
     .pending = "servers get no log messages"},
    {.name = "max-reuse", .doc = "How often a connection to the server is reused; -1: always.", .set = set_max_reuse},
    {.name = "maxconn",
     .doc = "Most connections to the server at a time; more wait in the queue.",
     .set = cfg::field<&Server::maxconn>(),
     .flags = kRuntime},
    {.name = "maxqueue",
     .doc = "Most requests that wait for the server.",
     .set = cfg::field<&Server::maxqueue>(),
     .flags = kRuntime},
    {.name = "minconn",
     .doc = "Connection limit when the backend has no load; grows to maxconn.",
     .set = cfg::field<&Server::minconn>(),
     .flags = kRuntime},
    {.name = "namespace", .doc = "Network namespace to connect from.", .set = set_namespace},
    {.name = "no-tfo", .doc = "Undoes tfo.", .set = assign<&Server::tfo, false>},
    {.name = "non-stick", .doc = "Never stored in a stick table.", .set = assign<&Server::non_stick, true>},
    {.name = "stick", .doc = "Undoes non-stick.", .set = assign<&Server::non_stick, false>},
    {.name = "pool-conn-name", .doc = "Expression that idle connections are told apart by.", .set = keep_expression},
    {.name = "pool-low-conn",
     .doc = "Idle connections that threads leave to one another; here each thread keeps to its own.",
     .set = cfg::field<&Server::pool_low_conn>(),
     .flags = kRuntime | kHint},
    {.name = "pool-max-conn",
     .doc = "Most idle connections kept; -1: no limit.",
     .set = set_pool_max,
     .flags = kRuntime},
    {.name = "pool-purge-delay",
     .doc = "How often half of the idle connections are closed.",
     .set = cfg::field<&Server::pool_purge_delay>(),
     .flags = kRuntime},
    {.name = "proto",
     .doc = "Protocol to speak with the server: h1, h2.",
     .set = set_protocol<&Server::proto>,
     .flags = kRuntime},
    {.name = "proxy-v2-options",
     .doc = "What else the PROXY v2 header says.",
     .set = set_proxy_v2_options,
     .flags = kRuntime},
    {.name = "redir",
     .doc = "Requests are redirected to this prefix instead of forwarded.",
     .set = cfg::field<&Server::redir>()},
    {.name = "resolve-net", .doc = "Networks whose addresses are preferred.", .set = set_resolve_net},
    {.name = "resolve-opts", .doc = "allow-dup-ip, ignore-weight, prevent-dup-ip.", .set = set_resolve_opts},
    {.name = "resolve-prefer", .doc = "Family preferred when a name has both.", .set = set_resolve_prefer},
    {.name = "resolvers",
     .doc = "Section that resolves the name at run time.",
     .set = cfg::field<&Server::resolvers>()},
    {.name = "send-proxy",
     .doc = "Begin connections with a PROXY v1 header.",
     .set = assign<&Server::send_proxy, uint8_t{1}>,
     .flags = kRuntime},
    {.name = "no-send-proxy", .doc = "Undoes send-proxy.", .set = assign<&Server::send_proxy, uint8_t{0}>},
    {.name = "send-proxy-v2",
     .doc = "Begin connections with a PROXY v2 header.",
     .set = assign<&Server::send_proxy, uint8_t{2}>,
     .flags = kRuntime},
    {.name = "no-send-proxy-v2", .doc = "Undoes send-proxy-v2.", .set = assign<&Server::send_proxy, uint8_t{0}>},
    {.name = "send-proxy-v2-ssl",
     .doc = "PROXY v2 header that tells of the client's TLS.",
     .set = set_proxy_tls<2, ProxyTls::kTls>,
     .flags = kRuntime},
    {.name = "no-send-proxy-v2-ssl", .doc = "Undoes send-proxy-v2-ssl.", .set = set_proxy_tls<0, 0>},
    {.name = "send-proxy-v2-ssl-cn",
     .doc = "PROXY v2 header that tells of the client's certificate.",
     .set = set_proxy_tls<2, ProxyTls::kTls | ProxyTls::kCommonName>,
     .flags = kRuntime},
    {.name = "no-send-proxy-v2-ssl-cn", .doc = "Undoes send-proxy-v2-ssl-cn.", .set = set_proxy_tls<0, 0>},
    {.name = "set-proxy-v2-tlv-fmt",
     .doc = "A TLV of the PROXY v2 header from a log format.",
     .set = keep_expression,
     .flags = kParenthesis},
    {.name = "shard",
     .doc = "Part of the stick tables that goes to this peer.",
     .set = cfg::field<&Server::shard>(),
     .pending = "every node gets all entries"},
    {.name = "slowstart",
     .doc = "A server that comes back gets its share over this time.",
     .set = cfg::field<&Server::slowstart>(),
     .flags = kRuntime},
    {.name = "socks4", .doc = "Connect through this SOCKS4 proxy.", .set = set_socks4},
    {.name = "source",
     .doc = "Address (and ports, interface) that connections come from.",
     .set = set_source,
     .flags = kRuntime},
    {.name = "strict-maxconn",
     .doc = "maxconn counts idle connections too.",
     .set = assign<&Server::strict_maxconn, true>},
    {.name = "tcp-md5sig", .doc = "TCP MD5 signature of connections.", .set = set_signature},
    {.name = "tcp-ut",
     .doc = "TCP user timeout: how long sent data may stay unacknowledged.",
     .set = cfg::field<&Server::tcp_user_timeout>()},
    {.name = "tfo", .doc = "TCP Fast Open.", .set = assign<&Server::tfo, true>, .flags = kRuntime},
    {.name = "track",
     .doc = "[BACKEND/]SERVER whose health this server shares.",
     .set = cfg::field<&Server::track>(),
     .flags = kRuntime},
    {.name = "weight",
     .doc = "Share of the server, 0 to 256.",
     .set = cfg::field<&Server::weight>({0, 256}),
     .flags = kRuntime},
    {.name = "ws", .doc = "Protocol for WebSocket: auto, h1, h2.", .set = set_ws, .flags = kRuntime},
};
const base::Registered<ServerWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
