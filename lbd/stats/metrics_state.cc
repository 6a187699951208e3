// Metrics of identity and state: names and numbers, status, weight, address.
#include <fmt/format.h>

#include "lbd/stats/readers.h"

namespace lbd::stats {
namespace {

using server::Counters;
using server::Server;

uint32_t effective_weight(const Server& server) {
  return (server.weight() + Server::kWeightScale - 1) / Server::kWeightScale;
}

// Over the servers of the kind whose turn it is: the active ones, or the backups when no active one is usable.
template <typename Weigh>
uint64_t total_weight(const server::Backend& backend, Weigh weigh) {
  uint64_t total = 0;
  for (const auto& server : backend.servers())
    if (server->in_rotation()) total += weigh(*server);
  return total;
}

Value weight(const Object& object) {
  if (object.server) return Value::u32(effective_weight(*object.server));
  return Value::u32(total_weight(*object.backend, effective_weight));
}

Value user_weight(const Object& object) {
  if (object.server) return Value::u32(object.server->user_weight());
  return Value::u32(total_weight(*object.backend, [](const Server& server) { return server.user_weight(); }));
}

Value active(const Object& object) {
  if (object.server) return Value::u32(!object.server->config().backup);
  return Value::u32(object.backend->active_usable());
}

Value backup(const Object& object) {
  if (object.server) return Value::u32(object.server->config().backup);
  return Value::u32(object.backend->backup_usable());
}

Value throttle(const Object& object) {
  uint32_t percent = object.server->ramp_percent();
  return percent < 100 ? Value::u32(percent) : Value::nothing();
}

Value server_id(const Object& object) {
  return Value::u32(object.id());
}

std::string address_of(const server::Listener& listener) {
  const base::SockAddr& address = listener.at;
  return address.is_unix() ? "unix" : address.is_ip() ? address.to_string() : std::string();
}

Value address(const Object& object) {
  if (object.listener) return Value::of(address_of(*object.listener));
  const base::SockAddr& address = object.server->address();
  if (!object.server->has_address()) return Value::of(std::string());
  return Value::of(address.is_unix() ? "unix" : address.is_ip() ? address.to_string() : std::string());
}

Value cookie(const Object& object) {
  if (!object.server) return object.proxy.cookie ? Value::of(object.proxy.cookie->name) : Value::nothing();
  if (const std::string& own = object.server->config().cookie; !own.empty()) return Value::of(own);
  server::CookieKey::Room room;
  const std::string_view made = object.server->backend().cookie_key.cookie(object.server->address(), room);
  return made.empty() ? Value::nothing() : Value::of(std::string(made));
}

// How many servers of a backend are in each state; one figure, as HAProxy has it.
Value none_aggregated(const Object&) {
  return Value::u32(0);
}

constexpr Metric kRows[] = {
    {.name = "pxname",
     .doc = "Name of the proxy",
     .position = 0,
     .tags = "KNS",
     .scopes = kAll,
     .read = [](const Object& object) { return Value::of(object.proxy.name); }},
    {.name = "svname",
     .doc = "FRONTEND, BACKEND or the name of the server or listener",
     .position = 1,
     .tags = "KNS",
     .scopes = kAll,
     .read = [](const Object& object) { return Value::of(std::string(object.name())); }},
    {.name = "weight",
     .doc = "Effective weight, of a backend the sum of its usable servers",
     .position = 18,
     .tags = "MaP",
     .scopes = kBackside,
     .prometheus = "weight",
     .read = weight},
    {.name = "act",
     .doc = "Server: is active; backend: usable active servers",
     .position = 19,
     .tags = "SGP",
     .backend_tags = "MGP",
     .scopes = kBackside,
     .prometheus = "active_servers",
     .read = active},
    {.name = "bck",
     .doc = "Server: is a backup; backend: usable backup servers",
     .position = 20,
     .tags = "SGP",
     .backend_tags = "MGP",
     .scopes = kBackside,
     .prometheus = "backup_servers",
     .read = backup},
    {.name = "pid",
     .doc = "Number of the process, always 1",
     .position = 26,
     .tags = "KGP",
     .scopes = kAll,
     .read = [](const Object&) { return Value::u32(1); }},
    {.name = "iid",
     .doc = "Number of the proxy",
     .position = 27,
     .tags = "KGS",
     .scopes = kAll,
     .read = [](const Object& object) { return Value::u32(object.proxy.id); }},
    {.name = "sid",
     .doc = "Number of the server in its backend, of the listener in its frontend, 0 for a proxy",
     .position = 28,
     .tags = "KGS",
     .scopes = kAll,
     .read = server_id},
    {.name = "throttle",
     .doc = "Percentage of weight and maxconn during slowstart",
     .position = 29,
     .tags = "MGP",
     .scopes = kServer,
     .prometheus = "current_throttle",
     .read = throttle},
    {.name = "tracked",
     .doc = "The server whose state this one follows",
     .position = 31,
     .tags = "CNS",
     .scopes = kServer,
     .read =
         [](const Object& object) {
           const std::string& track = object.server->config().track;
           return track.empty() ? Value::nothing() : Value::of(track);
         }},
    {.name = "type",
     .doc = "0 frontend, 1 backend, 2 server, 3 listener",
     .position = 32,
     .tags = "CGS",
     .scopes = kAll,
     .read = [](const Object& object) { return Value::u32(static_cast<uint64_t>(object.scope)); }},
    {.name = "addr",
     .doc = "Address and port",
     .position = 73,
     .tags = "CGS",
     .scopes = kServer | kListener,
     .legend = true,
     .read = address},
    {.name = "cookie",
     .doc = "Value of the server's cookie, name of the backend's",
     .position = 74,
     .tags = "CNS",
     .scopes = kBackside,
     .legend = true,
     .read = cookie},
    {.name = "mode",
     .doc = "tcp or http",
     .position = 75,
     .tags = "CGS",
     .scopes = kAll,
     .read = [](const Object& object) { return Value::of(object.http() ? "http" : "tcp"); }},
    {.name = "algo",
     .doc = "Load balancing algorithm",
     .position = 76,
     .tags = "CGS",
     .scopes = kBackend,
     .legend = true,
     .read = [](const Object& object) { return Value::of(object.proxy.balance.algorithm); }},
    {.name = "srv_icur",
     .doc = "Idle connections kept for reuse",
     .position = 88,
     .tags = "MGP",
     .scopes = kServer,
     .prometheus = "idle_connections_current",
     .read = [](const Object& o) { return Value::u32(o.sum(&Counters::idle_safe) + o.sum(&Counters::idle_unsafe)); }},
    {.name = "src_ilim",
     .doc = "Limit of idle connections (pool-max-conn)",
     .position = 89,
     .tags = "CLP",
     .scopes = kServer,
     .prometheus = "idle_connections_limit",
     .read =
         [](const Object& object) {
           int32_t limit = object.server->config().pool_max_conn;
           return limit < 0 ? Value::nothing() : Value::u32(static_cast<uint64_t>(limit));
         }},
    {.name = "idle_conn_cur",
     .doc = "Idle connections that served one request",
     .position = 95,
     .tags = "MGP",
     .scopes = kServer,
     .prometheus = "unsafe_idle_connections_current",
     .read = [](const Object& object) { return Value::u32(object.sum(&Counters::idle_unsafe)); }},
    {.name = "safe_conn_cur",
     .doc = "Idle connections that served several requests",
     .position = 96,
     .tags = "MGP",
     .scopes = kServer,
     .prometheus = "safe_idle_connections_current",
     .read = [](const Object& object) { return Value::u32(object.sum(&Counters::idle_safe)); }},
    {.name = "used_conn_cur",
     .doc = "Connections in use",
     .position = 97,
     .tags = "MGP",
     .scopes = kServer,
     .prometheus = "used_connections_current",
     .read = [](const Object& object) { return Value::u32(object.server->served()); }},
    {.name = "need_conn_est",
     .doc = "Estimate of the connections that are needed",
     .position = 98,
     .tags = "MGP",
     .scopes = kServer,
     .prometheus = "need_connections_current",
     .read = [](const Object& object) { return Value::u32(object.server->served_peak()); }},
    {.name = "uweight",
     .doc = "Weight as set, of a backend the sum of its usable servers",
     .position = 99,
     .tags = "MaP",
     .scopes = kBackside,
     .prometheus = "uweight",
     .read = user_weight},
    {.name = "agg_server_status",
     .doc = "Unused, 0; Prometheus shows the states of the servers",
     .position = 100,
     .tags = "MGP",
     .scopes = kBackend,
     .read = none_aggregated},
    {.name = "agg_server_check_status",
     .doc = "Unused, 0",
     .position = 101,
     .tags = "MGP",
     .scopes = kBackend,
     .read = none_aggregated},
    {.name = "agg_check_status",
     .doc = "Unused, 0",
     .position = 102,
     .tags = "MGP",
     .scopes = kBackend,
     .read = none_aggregated},
};
const base::Registered<Metric> kEnrol(kRows);

}  // namespace
}  // namespace lbd::stats
