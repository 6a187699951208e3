// set server, set weight, get weight, enable server, disable server: what an operator changes at a server.
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "lbd/cli/command.h"
#include "lbd/log/server_line.h"

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
    invocation.say("Require <weight> or <weight%>.");
    return std::nullopt;
  }
  size_t digits = std::min(text.find_first_not_of("0123456789", text[0] == '-' ? 1 : 0), text.size());
  auto number = base::parse_int<int64_t>(text.substr(0, digits));
  std::string_view rest = text.substr(digits);
  if (!number) {
    invocation.say("Empty weight string empty or preceded by garbage");
    return std::nullopt;
  }
  bool relative = rest == "%";
  if (!relative && !rest.empty()) {
    invocation.say("Trailing garbage in weight string");
    return std::nullopt;
  }
  int64_t weight = *number;
  if (relative) {
    if (weight < 0) {
      invocation.say("Relative weight must be positive.");
      return std::nullopt;
    }
    weight = std::min<int64_t>(weight * server.config().weight / 100, Server::kMaxWeight);
  } else if (weight < 0 || weight > Server::kMaxWeight) {
    invocation.say("Absolute weight can only be between 0 and 256 inclusive.");
    return std::nullopt;
  }
  if (has_static_weights(server.backend().config()) && weight != 0 && weight != server.config().weight) {
    invocation.say("Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.");
    return std::nullopt;
  }
  return static_cast<uint32_t>(weight);
}

void set_weight(Invocation& invocation, Server& server, std::string_view text) {
  if (auto weight = parse_weight(invocation, server, text)) invocation.services.operator_.set_weight(server, *weight);
}

void set_state(Invocation& invocation, Server& server, OperatorState state) {
  log::ServerChange change(server);
  invocation.services.operator_.set_state(server, state);
  change.log_admin(invocation.services.events);
}

void set_state_word(Invocation& invocation, Server& server, std::string_view word) {
  if (word == "ready") return set_state(invocation, server, OperatorState::ready);
  if (word == "drain") return set_state(invocation, server, OperatorState::drain);
  if (word == "maint") return set_state(invocation, server, OperatorState::maint);
  invocation.say("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
}

void set_health(Invocation& invocation, Server& server, std::string_view word) {
  if (!server.config().track.empty()) return invocation.say("cannot change health on a tracking server.");
  server::HealthFacts& health = server.health;
  log::ServerChange change(server);
  if (word == "up") {
    health.health = health.rise + health.fall - 1;
    server.set_operational(Operational::running);
  } else if (word == "stopping") {
    health.health = health.rise + health.fall - 1;
    server.set_operational(Operational::stopping);
  } else if (word == "down") {
    health.health = 0;
    server.set_operational(Operational::stopped);
  } else {
    return invocation.say("'set server <srv> health' expects 'up', 'stopping', or 'down'.");
  }
  change.log_health(invocation.services.events, "changed from CLI");
}

// The port that a text means for a server: N, +N or -N (shifting the client's port, see server lines).
std::optional<int32_t> parse_port(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  auto port = base::parse_int<int32_t>(text);
  return port && *port >= 1 && *port <= 65535 ? port : std::nullopt;
}

void set_address(Invocation& invocation, Server& server) {
  std::string_view text = invocation.argument(2);
  if (text.empty()) return invocation.say("set server <b>/<s> addr requires an address and optionally a port.");
  auto ip = base::IpAddr::parse(text);
  if (!ip) return invocation.say(fmt::format("Invalid addr '{}' by '{}'", text, kBy));
  base::IpPort before = server.address().ip_port(), after = before;
  after.ip = *ip;
  std::string said = after.ip == before.ip
                         ? "no need to change the addr"
                         : fmt::format("IP changed from '{}' to '{}'", before.ip.to_string(), after.ip.to_string());
  if (invocation.argument(3) == "port") {
    auto port = parse_port(invocation.argument(4));
    if (!port) {
      // Nothing is changed by half.
      return invocation.say(fmt::format("{}, problem converting port '{}' to an int by '{}'",
                                        "no need to change the addr", invocation.argument(4), kBy));
    }
    after.port = static_cast<uint16_t>(*port);
    said += after.port == before.port ? std::string(", no need to change the port")
                                      : fmt::format(", port changed from '{}' to '{}'", before.port, after.port);
  }
  if (after != before) {
    server.set_address(base::SockAddr(after));
    invocation.services.events.write(
        server.backend().config(), base::Level::notice,
        fmt::format("{}/{} changed its {} by {}", server.backend().name(), server.name(), said, kBy));
  }
  invocation.say(fmt::format("{} by '{}'", said, kBy));
}

void set_server(Invocation& invocation) {
  Server* server = find_server(invocation, invocation.argument(0));
  if (!server) return;
  std::string_view what = invocation.argument(1), value = invocation.argument(2);
  if (what == "state") return set_state_word(invocation, *server, value);
  if (what == "weight") return set_weight(invocation, *server, value);
  if (what == "health") return set_health(invocation, *server, value);
  if (what == "addr") return set_address(invocation, *server);
  invocation.say("usage: set server <backend>/<server> addr | health | state | weight");
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

// `enable server` ends maintenance and leaves a drain as it is.
void enable_server(Invocation& invocation) {
  Server* server = find_server(invocation, invocation.argument(0));
  if (!server) return;
  bool draining = server->admin() & server::kForcedDrain;
  set_state(invocation, *server, draining ? OperatorState::drain : OperatorState::ready);
}

constexpr CommandRow kRows[] = {
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
     .run = enable_server},
    {.name = "disable server",
     .usage = "(DEPRECATED)",
     .doc = "disable a server for maintenance (use 'set server' instead)",
     .level = Level::admin,
     .run = set_to<OperatorState::maint>},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
