// Metrics of sessions, connections, bytes, errors and queues.
#include "lbd/stats/readers.h"

namespace lbd::stats {
namespace {

using server::Counters;

Value queue_now(const Object& object) {
  return Value::u32(object.server ? object.server->queue().size() : object.backend->queue().size());
}

Value queue_max(const Object& object) {
  return Value::u32(object.server ? object.server->queue().max_size() : object.backend->queue().max_size());
}

Value sessions_now(const Object& object) {
  if (object.server) return Value::u32(object.server->served());
  if (object.backend) return Value::u32(object.backend->streams.load());
  return Value::u32(object.listener ? object.listener->connections.load() : object.frontend->connections.load());
}

Value sessions_max(const Object& object) {
  if (object.server) return Value::u32(object.server->served_peak());
  if (object.backend) return Value::u32(object.backend->streams_peak.load());
  return Value::u32(object.listener ? object.listener->connections_peak.load()
                                    : object.frontend->connections_peak.load());
}

Value sessions_limit(const Object& object) {
  if (object.server) return object.server->maxconn() ? Value::u32(object.server->maxconn()) : Value::nothing();
  if (object.backend) return Value::u32(std::max(1u, object.backend->fullconn()));
  return Value::u32(object.listener ? object.listener->bind.maxconn : object.frontend->maxconn.load());
}

// A listener has connections, whatever becomes of them.
Value sessions_total(const Object& object) {
  return Value::u64(object.sum(object.listener ? &Counters::connections : &Counters::sessions));
}

Value queue_limit(const Object& object) {
  uint32_t limit = object.server->config().maxqueue;
  return limit ? Value::u32(limit) : Value::nothing();
}

Value session_rate_max(const Object& object) {
  return Value::u32(object.source.history().rates(object.slot, object.now).sessions_max);
}

Value connection_rate_max(const Object& object) {
  return Value::u32(object.source.history().rates(object.slot, object.now).connections_max);
}

Value last_session(const Object& object) {
  uint64_t last = object.source.blocks().highest(
      object.slot, [](const Counters& counters) { return counters.session_rate.last_event(); });
  if (!last) return Value::s32(-1);
  return Value::s32(static_cast<int64_t>(server::RateCounter::second_of(object.now) - last));
}

constexpr Metric kRows[] = {
    {.name = "qcur",
     .doc = "Streams that wait in the queue",
     .position = 2,
     .tags = "MGP",
     .scopes = kBackside,
     .prometheus = "current_queue",
     .read = queue_now},
    {.name = "qmax",
     .doc = "Highest number of streams that waited in the queue",
     .position = 3,
     .tags = "MMP",
     .scopes = kBackside,
     .prometheus = "max_queue",
     .read = queue_max},
    {.name = "scur",
     .doc = "Sessions now",
     .position = 4,
     .tags = "MGP",
     .scopes = kAll,
     .prometheus = "current_sessions",
     .read = sessions_now},
    {.name = "smax",
     .doc = "Highest number of sessions at once",
     .position = 5,
     .tags = "MMP",
     .scopes = kAll,
     .prometheus = "max_sessions",
     .read = sessions_max},
    {.name = "slim",
     .doc = "Limit of sessions: maxconn, for a backend fullconn",
     .position = 6,
     .tags = "CLP",
     .scopes = kAll,
     .prometheus = "limit_sessions",
     .read = sessions_limit},
    {.name = "stot",
     .doc = "Sessions since start",
     .position = 7,
     .scopes = kAll,
     .prometheus = "sessions_total",
     .read = sessions_total},
    {.name = "bin",
     .doc = "Bytes of requests",
     .position = 8,
     .scopes = kAll,
     .prometheus = "bytes_in_total",
     .read = total<&Counters::bytes_in>},
    {.name = "bout",
     .doc = "Bytes of responses",
     .position = 9,
     .scopes = kAll,
     .prometheus = "bytes_out_total",
     .read = total<&Counters::bytes_out>},
    {.name = "dreq",
     .doc = "Requests denied by a rule",
     .position = 10,
     .scopes = kProxies | kListener,
     .prometheus = "requests_denied_total",
     .read = total<&Counters::denied_requests>},
    {.name = "dresp",
     .doc = "Responses denied by a rule",
     .position = 11,
     .scopes = kAll,
     .prometheus = "responses_denied_total",
     .read = total<&Counters::denied_responses>},
    {.name = "ereq",
     .doc = "Requests that were invalid or never became complete",
     .position = 12,
     .scopes = kFrontend | kListener,
     .prometheus = "request_errors_total",
     .read = total<&Counters::failed_requests>},
    {.name = "econ",
     .doc = "Connections to a server that failed",
     .position = 13,
     .scopes = kBackside,
     .prometheus = "connection_errors_total",
     .read = total<&Counters::failed_connections>},
    {.name = "eresp",
     .doc = "Responses that were invalid or broken off",
     .position = 14,
     .scopes = kBackside,
     .prometheus = "response_errors_total",
     .read = total<&Counters::failed_responses>},
    {.name = "wretr",
     .doc = "Connection attempts that were repeated",
     .position = 15,
     .scopes = kBackside,
     .prometheus = "retry_warnings_total",
     .read = total<&Counters::retries>},
    {.name = "wredis",
     .doc = "Requests sent to another server after a failed connection",
     .position = 16,
     .scopes = kBackside,
     .prometheus = "redispatch_warnings_total",
     .read = total<&Counters::redispatches>},
    {.name = "qlimit",
     .doc = "Limit of the server's queue (maxqueue)",
     .position = 25,
     .tags = "CLS",
     .scopes = kServer,
     .prometheus = "queue_limit",
     .read = queue_limit},
    {.name = "lbtot",
     .doc = "Requests that load balancing sent here",
     .position = 30,
     .scopes = kBackside,
     .prometheus = "loadbalanced_total",
     .read = total<&Counters::chosen>},
    {.name = "rate",
     .doc = "Sessions in the last second",
     .position = 33,
     .tags = "MRP",
     .backend_tags = "MGP",
     .scopes = kProxies | kServer,
     .read = rate<&Counters::session_rate>},
    {.name = "rate_lim",
     .doc = "Limit of sessions a second (rate-limit sessions)",
     .position = 34,
     .tags = "CLP",
     .scopes = kFrontend,
     .prometheus = "limit_session_rate",
     .read = [](const Object& object) { return Value::u32(object.proxy.rate_limit_sessions); }},
    {.name = "rate_max",
     .doc = "Highest number of sessions in a second",
     .position = 35,
     .tags = "MMP",
     .backend_tags = "MGP",
     .scopes = kProxies | kServer,
     .prometheus = "max_session_rate",
     .read = session_rate_max},
    {.name = "cli_abrt",
     .doc = "Transfers broken off by the client",
     .position = 49,
     .scopes = kBackside,
     .prometheus = "client_aborts_total",
     .read = total<&Counters::client_aborts>},
    {.name = "srv_abrt",
     .doc = "Transfers broken off by the server",
     .position = 50,
     .scopes = kBackside,
     .prometheus = "server_aborts_total",
     .read = total<&Counters::server_aborts>},
    {.name = "lastsess",
     .doc = "Seconds since the last session, -1 for never",
     .position = 55,
     .tags = "MAP",
     .scopes = kBackside,
     .prometheus = "last_session_seconds",
     .read = last_session},
    {.name = "conn_rate",
     .doc = "Connections in the last second",
     .position = 77,
     .tags = "MRP",
     .scopes = kFrontend,
     .read = rate<&Counters::connection_rate>},
    {.name = "conn_rate_max",
     .doc = "Highest number of connections in a second",
     .position = 78,
     .tags = "MMP",
     .scopes = kFrontend,
     .prometheus = "connections_rate_max",
     .read = connection_rate_max},
    {.name = "conn_tot",
     .doc = "Connections accepted",
     .position = 79,
     .scopes = kFrontend,
     .prometheus = "connections_total",
     .read = total<&Counters::connections>},
    {.name = "dcon",
     .doc = "Connections refused by tcp-request connection rules",
     .position = 81,
     .scopes = kFrontend | kListener,
     .prometheus = "denied_connections_total",
     .read = total<&Counters::denied_connections>},
    {.name = "dses",
     .doc = "Sessions refused by tcp-request session rules",
     .position = 82,
     .scopes = kFrontend | kListener,
     .prometheus = "denied_sessions_total",
     .read = total<&Counters::denied_sessions>},
    {.name = "connect",
     .doc = "Connections attempted to servers",
     .position = 84,
     .scopes = kBackside,
     .prometheus = "connection_attempts_total",
     .read = total<&Counters::connects>},
    {.name = "reuse",
     .doc = "Requests sent on a connection that stood already",
     .position = 85,
     .scopes = kBackside,
     .prometheus = "connection_reuses_total",
     .read = total<&Counters::reuses>},
    {.name = "eint",
     .doc = "Errors of the proxy itself",
     .position = 94,
     .scopes = kAll,
     .prometheus = "internal_errors_total",
     .read = total<&Counters::internal_errors>},
};
const base::Registered<Metric> kEnrol(kRows);

}  // namespace
}  // namespace lbd::stats
