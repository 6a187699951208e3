// Supervisor, where a server is: addresses that operators set, and what the names of servers resolve to.
#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/server/supervisor.h"

namespace lbd::server {

base::Result<std::string> Supervisor::set_address(Server& server, std::string_view ip, std::string_view port,
                                                  std::string_view who) {
  auto parsed = base::IpAddr::parse(ip);
  if (!parsed) return base::Err(fmt::format("Invalid addr '{}' by '{}'", ip, who));
  const base::IpPort before = server.address().ip_port();
  base::IpPort after{*parsed, before.port};
  std::string said_port;
  if (!port.empty()) {
    std::optional<uint16_t> number = base::parse_int<uint16_t>(port);
    // Nothing is changed by half.
    if (port.front() == '+' || port.front() == '-') {
      said_port = ", can't change <port> to port map at run time";
      after = before;
    } else if (!number || *number == 0) {
      said_port = fmt::format(", problem converting port '{}' to an int", port);
      after = before;
    } else {
      after.port = *number;
      said_port = after.port == before.port ? std::string(", no need to change the port")
                                            : fmt::format(", port changed from '{}' to '{}'", before.port, *number);
    }
  }
  if (after != before) move(server, after);
  std::string said = after.ip == before.ip
                         ? "no need to change the addr"
                         : fmt::format("IP changed from '{}' to '{}'", before.ip.to_string(), after.ip.to_string());
  return fmt::format("{}{} by '{}'", said, said_port, who);
}

void Supervisor::move(Server& server, const base::IpPort& address) {
  server.set_address(base::SockAddr(address));
  sink_.address_changed(server);
  check_soon(server);
}

void Supervisor::resolved(Server& server, const base::IpPort& address, std::string_view by) {
  const base::IpPort before = server.address().ip_port();
  const bool had_address = server.has_address() && before.ip.length() > 0;
  if (!had_address || before.ip != address.ip)
    sink_.event(server.backend(), base::Level::notice,
                fmt::format("{}/{} changed its IP from {} to {} by {}.", server.backend().name(), server.name(),
                            had_address ? before.ip.to_string() : "(none)", address.ip.to_string(), by));
  if (before != address) move(server, address);
}

void Supervisor::set_host(Server& server, const std::string& host, std::string_view by) {
  if (!host.empty() && host != server.host)
    sink_.event(server.backend(), base::Level::notice,
                fmt::format("{}/{} changed its FQDN from {} to {} by '{}'", server.backend().name(), server.name(),
                            server.host.empty() ? "(null)" : server.host, host, by));
  server.host = host;
}

void Supervisor::name_found(Server& server, bool thanks, base::MonoTime now) {
  if (!(server.admin() & kResolveMaintenance)) return;
  set_admin_via(server, static_cast<uint8_t>(server.admin() & ~kResolveMaintenance), nullptr, now);
  // Without saying that it is a backup, as HAProxy.
  if (thanks)
    sink_.event(server.backend(), base::Level::notice,
                fmt::format("Server {}/{} administratively READY thanks to valid DNS answer.", server.backend().name(),
                            server.name()));
}

void Supervisor::name_lost(Server& server, std::string_view why, base::MonoTime now) {
  set_admin_via(server, server.admin() | kResolveMaintenance, nullptr, now, why);
}

}  // namespace lbd::server
