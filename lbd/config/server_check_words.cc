// The words of a server line about checks: manual 5.2.
#include <fmt/format.h>

#include "cfg/address.h"
#include "lbd/config/server_line.h"

namespace lbd::config {
namespace {

template <bool On>
void set_check(cfg::Args&, Server& server) {
  server.check.enabled = On;
}
template <bool On>
void set_check_ssl(cfg::Args&, Server& server) {
  server.check.ssl = On;
}
template <bool On>
void set_agent(cfg::Args&, Server& server) {
  server.agent_check = On;
}
template <bool On>
void set_check_proxy(cfg::Args&, Server& server) {
  server.check.send_proxy = On;
}
void set_check_socks(cfg::Args&, Server& server) {
  server.check.via_socks4 = true;
}

template <auto... Path>
void set_address(cfg::Args& args, Server& server) {
  auto word = args.take<cfg::Word>();
  if (!word) return;
  auto address = cfg::parse_address(word->text, args.environment());
  if (!address) return args.error(fmt::format("'{}' {}", args.name(), address.error().text));
  cfg::reach<Path...>(server) = address->text;
}

template <auto Member>
void choose(cfg::Args& args, Server& server, const std::vector<std::string_view>& choices) {
  if (auto choice = args.take_choice(choices)) server.*Member = choices[*choice];
}

void set_observe(cfg::Args& args, Server& server) {
  choose<&Server::observe>(args, server, {"none", "layer4", "layer7"});
}
void set_on_error(cfg::Args& args, Server& server) {
  choose<&Server::on_error>(args, server, {"fastinter", "fail-check", "sudden-death", "mark-down"});
}
void set_on_marked_down(cfg::Args& args, Server& server) {
  choose<&Server::on_marked_down>(args, server, {"shutdown-sessions"});
}
void set_on_marked_up(cfg::Args& args, Server& server) {
  choose<&Server::on_marked_up>(args, server, {"shutdown-backup-sessions"});
}

constexpr cfg::Range kPositive = {1, 2147483647};

constexpr ServerWord kRows[] = {
    {.name = "check", .doc = "Health checks on.", .set = set_check<true>, .flags = kRuntime},
    {.name = "no-check", .doc = "Undoes check.", .set = set_check<false>},
    {.name = "addr",
     .doc = "Address of the health checks, when it is not the server's.",
     .set = set_address<&Server::check, &ServerCheck::address>,
     .flags = kRuntime},
    {.name = "agent-addr",
     .doc = "Address of the agent.",
     .set = set_address<&Server::agent, &AgentCheck::address>,
     .flags = kRuntime},
    {.name = "agent-check", .doc = "Ask an agent for the weight and state.", .set = set_agent<true>, .flags = kRuntime},
    {.name = "agent-inter",
     .doc = "How often the agent is asked.",
     .set = cfg::field<&Server::agent, &AgentCheck::inter>({1, cfg::kMaxMillis}),
     .flags = kRuntime},
    {.name = "agent-port",
     .doc = "Port of the agent.",
     .set = cfg::field<&Server::agent, &AgentCheck::port>({1, 65535}),
     .flags = kRuntime},
    {.name = "agent-send",
     .doc = "Text sent to the agent.",
     .set = cfg::field<&Server::agent, &AgentCheck::send>(),
     .flags = kRuntime},
    {.name = "no-agent-check", .doc = "Undoes agent-check.", .set = set_agent<false>},
    {.name = "check-alpn",
     .doc = "Protocols offered by ALPN in checks.",
     .set = cfg::field<&Server::check, &ServerCheck::alpn>(),
     .flags = kRuntime},
    {.name = "check-pool-conn-name",
     .doc = "Name of the connections that checks reuse.",
     .set = cfg::field<&Server::check, &ServerCheck::pool_conn_name>(),
     .pending = "checks open connections of their own"},
    {.name = "check-proto",
     .doc = "Protocol of HTTP checks: h1, h2; that of the server otherwise.",
     .set = set_protocol<&Server::check, &ServerCheck::proto>,
     .flags = kRuntime},
    {.name = "check-reuse-pool",
     .doc = "Checks may use idle connections.",
     .set = cfg::field<&Server::check, &ServerCheck::reuse_pool>(),
     .pending = "checks open connections of their own"},
    {.name = "no-check-reuse-pool",
     .doc = "Undoes check-reuse-pool.",
     .set = [](cfg::Args&, Server& server) { server.check.reuse_pool = false; }},
    {.name = "check-send-proxy",
     .doc = "Checks begin with a PROXY header.",
     .set = set_check_proxy<true>,
     .flags = kRuntime},
    {.name = "no-check-send-proxy", .doc = "Undoes check-send-proxy.", .set = set_check_proxy<false>},
    {.name = "check-sni",
     .doc = "Server name that checks ask for in TLS.",
     .set = cfg::field<&Server::check, &ServerCheck::sni>(),
     .flags = kRuntime},
    {.name = "check-ssl", .doc = "Checks speak TLS.", .set = set_check_ssl<true>, .flags = kRuntime},
    {.name = "no-check-ssl", .doc = "Undoes check-ssl.", .set = set_check_ssl<false>},
    {.name = "check-via-socks4", .doc = "Checks go through socks4.", .set = set_check_socks, .flags = kRuntime},
    {.name = "downinter",
     .doc = "Time between checks while down.",
     .set = cfg::field<&Server::check, &ServerCheck::downinter>({1, cfg::kMaxMillis}),
     .flags = kRuntime},
    {.name = "error-limit",
     .doc = "Observed errors that make on-error act.",
     .set = cfg::field<&Server::error_limit>(kPositive),
     .flags = kRuntime},
    {.name = "fall",
     .doc = "Failed checks that make the server down.",
     .set = cfg::field<&Server::check, &ServerCheck::fall>(kPositive),
     .flags = kRuntime},
    {.name = "fastinter",
     .doc = "Time between checks while the state is about to change.",
     .set = cfg::field<&Server::check, &ServerCheck::fastinter>({1, cfg::kMaxMillis}),
     .flags = kRuntime},
    {.name = "healthcheck",
     .doc = "Health-check section that this server is checked with.",
     .set = cfg::field<&Server::check, &ServerCheck::section>()},
    {.name = "inter",
     .doc = "Time between checks.",
     .set = cfg::field<&Server::check, &ServerCheck::inter>({1, cfg::kMaxMillis}),
     .flags = kRuntime},
    {.name = "observe",
     .doc = "Watch traffic for errors: none, layer4, layer7.",
     .set = set_observe,
     .flags = kRuntime},
    {.name = "on-error", .doc = "What too many observed errors do.", .set = set_on_error, .flags = kRuntime},
    {.name = "on-marked-down",
     .doc = "shutdown-sessions: cut its connections when it goes down.",
     .set = set_on_marked_down,
     .flags = kRuntime},
    {.name = "on-marked-up",
     .doc = "shutdown-backup-sessions: cut those of backups when it comes up.",
     .set = set_on_marked_up,
     .flags = kRuntime},
    {.name = "port",
     .doc = "Port of the health checks, when it is not the server's.",
     .set = cfg::field<&Server::check, &ServerCheck::port>({1, 65535}),
     .flags = kRuntime},
    {.name = "rise",
     .doc = "Good checks that make the server up.",
     .set = cfg::field<&Server::check, &ServerCheck::rise>(kPositive),
     .flags = kRuntime},
};
const base::Registered<ServerWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
