// show servers state, show servers conn.
#include <fmt/format.h>

#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

using server::HealthFacts;
using server::Server;

// The backend that is named, or all; false: there is none of that name, which has been answered.
template <typename Visit>
void for_each_server(Invocation& invocation, Visit visit) {
  for (const auto& backend : invocation.services.objects.backends()) {
    if (!invocation.argument(0).empty() && backend->name() != invocation.argument(0)) continue;
    for (const auto& server : backend->servers()) visit(*server);
  }
}

bool backend_exists(Invocation& invocation) {
  if (invocation.argument(0).empty() || invocation.services.objects.find_backend(invocation.argument(0))) return true;
  invocation.say("Can't find backend.");
  return false;
}

std::string address_of(const Server& server) {
  const base::SockAddr& address = server.address();
  if (!server.has_address()) return "-";
  if (address.is_ip()) return address.ip_port().ip.to_string();
  return address.is_unix() ? address.path() : "-";
}

uint16_t port_of(const Server& server) {
  // Of SRV records, which give the port too.
  if (server.config().srv() && server.host.empty()) return 0;
  return server.address().is_ip() ? server.address().port() : server.config().port;
}

// The bits of srv_check_state: 1 a check is under way, 2 there are checks, 4 they are on, 8 paused by maintenance
// (without checks, by that of the configuration).
unsigned check_state(const Server& server) {
  const HealthFacts& health = server.health;
  if (!health.checked) return (server.admin() & server::kConfigMaintenance) ? 8 : 0;
  unsigned bits = 2;
  if (health.running) bits |= 1;
  if (!health.paused) bits |= (server.admin() & server::kMaintenance) ? 12u : 4u;
  return bits;
}

// The same bits of the agent, and 16: it is one.
unsigned agent_state(const Server& server) {
  const server::AgentFacts& agent = server.agent;
  if (!agent.checked) return 0;
  return 2u | (agent.running ? 1u : 0u) | (agent.paused ? 0u : 4u) | 16u;
}

void show_state(Invocation& invocation) {
  if (!backend_exists(invocation)) return;
  invocation.say("1");
  invocation.say(
      "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
      "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
      "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
      "srv_agent_addr srv_agent_port");
  base::MonoTime now = base::mono_now();
  for_each_server(invocation, [&](const Server& server) {
    const HealthFacts& health = server.health;
    const config::Server& line = server.config();
    // Maintenance stops a server, whatever its checks said.
    auto state = server.up() ? server.operational() : server::Operational::stopped;
    auto since = std::chrono::duration_cast<base::Seconds>(now - server.downtime.changed).count();
    invocation.say(fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}",
                               server.backend().config().id, server.backend().name(), stats::id_of(server),
                               server.name(), address_of(server), static_cast<int>(state), server.admin(),
                               server.user_weight(), line.weight, since, static_cast<int>(health.last.status),
                               static_cast<int>(health.last.result), health.health, check_state(server),
                               agent_state(server), server.backend().config().own_id ? 1 : 0, line.own_id ? 1 : 0,
                               server.host.empty() ? "-" : server.host, port_of(server), line.srv() ? line.host : "-",
                               line.ssl ? 1 : 0, line.check.port, line.check.address.empty() ? "-" : line.check.address,
                               server.agent.address.empty() ? "-" : server.agent.address, server.agent.port));
  });
}

void show_conn(Invocation& invocation) {
  if (!backend_exists(invocation)) return;
  stats::CounterBlocks& blocks = invocation.services.statistics.blocks();
  invocation.say(
      fmt::format("# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb "
                  "idle_lim idle_cur idle_per_thr[{}]",
                  blocks.workers()));
  for_each_server(invocation, [&](const Server& server) {
    std::string per_thread;
    uint64_t safe = 0, unsafe = 0;
    for (size_t worker = 0; worker < blocks.workers(); ++worker) {
      const server::Counters& counters = blocks.at(worker, server.slot());
      safe += counters.idle_safe.get();
      unsafe += counters.idle_unsafe.get();
      per_thread += fmt::format(" {}", counters.idle_safe.get() + counters.idle_unsafe.get());
    }
    invocation.say(fmt::format("{}/{} {}/{} {} {} - {} {} {} {} {} {} {} {}{}", server.backend().name(), server.name(),
                               server.backend().config().id, stats::id_of(server), address_of(server),
                               server.address().port(), server.config().pool_purge_delay.count(), server.served(),
                               server.served_peak(), server.served_peak(), unsafe, safe, server.config().pool_max_conn,
                               safe + unsafe, per_thread));
  });
}

constexpr CommandRow kRows[] = {
    {.name = "show servers state",
     .usage = "[<backend>]",
     .doc = "dump volatile server information (all or for a single backend)",
     .run = show_state},
    {.name = "show servers conn",
     .usage = "[<backend>]",
     .doc = "dump server connections status (all or for a single backend)",
     .run = show_conn},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
