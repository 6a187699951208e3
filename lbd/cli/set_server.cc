// set server, set weight, get weight, enable server, disable server: what an operator changes at a server.
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

using server::Operational;
using server::OperatorState;
using server::Server;

constexpr std::string_view kBy = "stats socket command";

// Algorithms whose schedule is made once: their weights cannot move.
bool has_static_weights(const config::Proxy& proxy) {
  std::string_view algorithm = proxy.balance.algorithm;
  algorithm = algorithm.substr(0, algorithm.find('('));
  if (algorithm == "static-rr") return true;
  for (std::string_view hashing : {"source", "uri", "url_param", "hdr", "rdp-cookie", "hash"})
    if (algorithm == hashing) return proxy.balance.hash_type.empty() || proxy.balance.hash_type[0].text != "consistent";
  return false;
}

// The weight that a text means; nothing when it has been answered what is wrong.
std::optional<uint32_t> parse_weight(Invocation& invocation, const Server& server, std::string_view text) {
  if (text.empty()) {
    invocation.refuse("Require <weight> or <weight%>.");
    return std::nullopt;
  }
  size_t digits = std::min(text.find_first_not_of("0123456789", text[0] == '-' ? 1 : 0), text.size());
  auto number = base::parse_int<int64_t>(text.substr(0, digits));
  std::string_view rest = text.substr(digits);
  if (!number) {
    invocation.refuse("Empty weight string empty or preceded by garbage");
    return std::nullopt;
  }
  bool relative = rest == "%";
  if (!relative && !rest.empty()) {
    invocation.refuse("Trailing garbage in weight string");
    return std::nullopt;
  }
  int64_t weight = *number;
  if (relative) {
    if (weight < 0) {
      invocation.refuse("Relative weight must be positive.");
      return std::nullopt;
    }
    weight = std::min<int64_t>(weight * server.config().weight / 100, Server::kMaxWeight);
  } else if (weight < 0 || weight > Server::kMaxWeight) {
    invocation.refuse("Absolute weight can only be between 0 and 256 inclusive.");
    return std::nullopt;
  }
  if (has_static_weights(server.backend().config()) && weight != 0 && weight != server.config().weight) {
    invocation.refuse("Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.");
    return std::nullopt;
  }
  return static_cast<uint32_t>(weight);
}

void set_weight(Invocation& invocation, Server& server, std::string_view text) {
  if (auto weight = parse_weight(invocation, server, text)) invocation.services.operator_.set_weight(server, *weight);
}

void set_state(Invocation& invocation, Server& server, OperatorState state) {
  invocation.services.operator_.set_state(server, state);
}

void set_state_word(Invocation& invocation, Server& server, std::string_view word) {
  if (word == "ready") return set_state(invocation, server, OperatorState::ready);
  if (word == "drain") return set_state(invocation, server, OperatorState::drain);
  if (word == "maint") return set_state(invocation, server, OperatorState::maint);
  invocation.refuse("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
}

void set_health(Invocation& invocation, Server& server, std::string_view word) {
  std::optional<Operational> state;
  if (word == "up") state = Operational::running;
  if (word == "stopping") state = Operational::stopping;
  if (word == "down") state = Operational::stopped;
  if (!state) return invocation.refuse("'set server <srv> health' expects 'up', 'stopping', or 'down'.");
  base::Status done = invocation.services.supervisor.set_health(server, *state, base::mono_now());
  if (!done) invocation.refuse(done.error().text);
}

void set_address(Invocation& invocation, Server& server) {
  std::string_view ip = invocation.argument(2);
  if (ip.empty()) return invocation.refuse("set server <b>/<s> addr requires an address and optionally a port.");
  std::string_view port = invocation.argument(3) == "port" ? invocation.argument(4) : std::string_view();
  base::Result<std::string> said = invocation.services.supervisor.set_address(server, ip, port, kBy);
  if (!said) return invocation.refuse(said.error().text);
  invocation.answer += severity_mark(invocation.session.severity, base::Level::warning);
  invocation.say(*said);
}

void set_checks_paused(Invocation& invocation, bool paused) {
  Server* server = find_server(invocation, invocation.argument(0));
  if (!server) return;
  if (!paused && !server->health.checked)
    return invocation.refuse("Health check was not configured on this server, cannot enable.");
  invocation.services.supervisor.pause_checks(*server, paused);
}

void set_agent_state(Invocation& invocation, Server& server, std::string_view word) {
  if (!is_checked(server.agent)) return invocation.refuse("agent checks are not enabled on this server.");
  if (word != "up" && word != "down") return invocation.refuse("'set server <srv> agent' expects 'up' or 'down'.");
  base::Status done = invocation.services.supervisor.set_agent(server, word == "up", base::mono_now());
  if (!done) invocation.refuse(done.error().text);
}

// Where the agent is asked, and what it is told.
void set_agent_target(Invocation& invocation, Server& server, std::string_view what, std::string_view value) {
  server::AgentFacts& agent = server.agent;
  if (what == "send") {
    if (!is_checked(agent)) return invocation.refuse("agent checks are not enabled on this server.");
    if (value.empty()) return invocation.refuse("cannot allocate memory for new string.");
    agent.send = value;
    return;
  }
  if (!is_checked(agent)) return invocation.refuse("agent checks are not enabled on this server");
  if (what == "addr") {
    if (!base::IpAddr::parse(value)) return invocation.refuse(fmt::format("invalid addr '{}'", value));
    agent.address = value;
  } else if (what == "port") {
    const auto port = base::parse_int<uint16_t>(value);
    if (!port || *port == 0) return invocation.refuse("provided port is invalid");
    agent.port = *port;
  }
}

void set_server(Invocation& invocation) {
  Server* server = find_server(invocation, invocation.argument(0));
  if (!server) return;
  std::string_view what = invocation.argument(1), value = invocation.argument(2);
  if (what == "state") return set_state_word(invocation, *server, value);
  if (what == "weight") return set_weight(invocation, *server, value);
  if (what == "health") return set_health(invocation, *server, value);
  if (what == "addr") return set_address(invocation, *server);
  if (what == "agent") return set_agent_state(invocation, *server, value);
  if (what.starts_with("agent-")) return set_agent_target(invocation, *server, what.substr(6), value);
  invocation.say(
      "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | health | "
      "state | weight");
}

void set_weight_command(Invocation& invocation) {
  if (Server* server = find_server(invocation, invocation.argument(0)))
    set_weight(invocation, *server, invocation.argument(1));
}

void get_weight(Invocation& invocation) {
  if (Server* server = find_server(invocation, invocation.argument(0)))
    invocation.say(fmt::format("{} (initial {})", server->user_weight(), server->config().weight));
}

template <OperatorState State>
void set_to(Invocation& invocation) {
  if (Server* server = find_server(invocation, invocation.argument(0))) set_state(invocation, *server, State);
}

template <bool paused>
void set_checks(Invocation& invocation) {
  set_checks_paused(invocation, paused);
}

template <bool paused>
void set_agent(Invocation& invocation) {
  Server* server = find_server(invocation, invocation.argument(0));
  if (!server) return;
  if (!paused && !server->agent.checked)
    return invocation.refuse("Agent was not configured on this server, cannot enable.");
  invocation.services.supervisor.pause_agent(*server, paused);
}

constexpr CommandRow kRows[] = {
    {.name = "enable agent",
     .usage = "<bk>/<srv>",
     .doc = "enable agent checks",
     .level = Level::admin,
     .run = set_agent<false>},
    {.name = "disable agent",
     .usage = "<bk>/<srv>",
     .doc = "disable agent checks",
     .level = Level::admin,
     .run = set_agent<true>},
    {.name = "enable health",
     .usage = "<bk>/<srv>",
     .doc = "resume the health checks of a server",
     .level = Level::admin,
     .run = set_checks<false>},
    {.name = "disable health",
     .usage = "<bk>/<srv>",
     .doc = "pause the health checks of a server",
     .level = Level::admin,
     .run = set_checks<true>},
    {.name = "set server",
     .usage = "<bk>/<srv> [opts]",
     .doc = "change a server's state, weight, address or health",
     .level = Level::admin,
     .run = set_server},
    {.name = "set weight",
     .usage = "<bk>/<srv>  (DEPRECATED)",
     .doc = "change a server's weight (use 'set server' instead)",
     .level = Level::admin,
     .run = set_weight_command},
    {.name = "get weight", .usage = "<bk>/<srv>", .doc = "report a server's current weight", .run = get_weight},
    {.name = "enable server",
     .usage = "(DEPRECATED)",
     .doc = "enable a disabled server (use 'set server' instead)",
     .level = Level::admin,
     .run = set_to<OperatorState::ready>},
    {.name = "disable server",
     .usage = "(DEPRECATED)",
     .doc = "disable a server for maintenance (use 'set server' instead)",
     .level = Level::admin,
     .run = set_to<OperatorState::maint>},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
