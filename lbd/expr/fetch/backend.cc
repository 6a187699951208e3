// Samples of frontends, backends and servers as they run: how many connections, servers, waiting, their rates.
// Without an argument those of the exchange are meant. Manual: 7.3.2.
#include "lbd/expr/process.h"
#include "lbd/expr/row.h"
#include "lbd/server/counters.h"

namespace lbd::expr {

namespace {

const server::Backend* backend_of(const FetchCall& call, const Transaction& transaction) {
  const Arg& arg = call.arg(0);
  if (!arg.given()) return transaction.backend;
  if (!transaction.process || arg.proxy >= transaction.process->backends.size()) return nullptr;
  return transaction.process->backends[arg.proxy];
}

const server::Frontend* frontend_of(const FetchCall& call, const Transaction& transaction) {
  const Arg& arg = call.arg(0);
  if (!arg.given()) return transaction.frontend;
  if (!transaction.process || arg.proxy >= transaction.process->frontends.size()) return nullptr;
  return transaction.process->frontends[arg.proxy];
}

const server::Server* server_of(const FetchCall& call, const Transaction& transaction) {
  const Arg& arg = call.arg(0);
  const server::Backend* backend = backend_of(call, transaction);
  return backend ? backend->find_server(static_cast<uint32_t>(arg.server)) : nullptr;
}

// Per second, summed over the workers.
int64_t rate_of(const Transaction& transaction, uint32_t slot, server::RateCounter server::Counters::*which) {
  if (!transaction.process) return 0;
  uint64_t sum = 0;
  for (const server::Counters* block : transaction.process->counters) sum += (block[slot].*which).rate(transaction.now);
  return static_cast<int64_t>(sum);
}

uint64_t waiting(const server::Backend& backend) {
  uint64_t sum = backend.queue().size();
  for (const auto& server : backend.servers()) sum += server->queue().size();
  return sum;
}

template <int64_t (*read)(const server::Backend&, const Transaction&)>
Found of_backend(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  const server::Backend* backend = backend_of(call, transaction);
  if (!backend) return Found::no;
  out.set_int(read(*backend, transaction));
  return Found::yes;
}

template <int64_t (*read)(const server::Frontend&, const Transaction&)>
Found of_frontend(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  const server::Frontend* frontend = frontend_of(call, transaction);
  if (!frontend) return Found::no;
  out.set_int(read(*frontend, transaction));
  return Found::yes;
}

template <int64_t (*read)(const server::Server&, const Transaction&)>
Found of_server(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  const server::Server* server = server_of(call, transaction);
  if (!server) return Found::no;
  out.set_int(read(*server, transaction));
  return Found::yes;
}

int64_t nbsrv(const server::Backend& b, const Transaction&) {
  return b.active_usable() ? b.active_usable() : b.backup_usable();
}
int64_t be_conn(const server::Backend& b, const Transaction&) {
  return b.streams.load(std::memory_order_relaxed);
}
int64_t be_rate(const server::Backend& b, const Transaction& t) {
  return rate_of(t, b.slot(), &server::Counters::session_rate);
}
int64_t queued(const server::Backend& b, const Transaction&) {
  return static_cast<int64_t>(waiting(b));
}

int64_t avg_queue(const server::Backend& b, const Transaction&) {
  uint64_t servers = b.active_usable() ? b.active_usable() : b.backup_usable();
  uint64_t all = waiting(b);
  return static_cast<int64_t>(servers ? (all + servers - 1) / servers : all * 2);
}

// -1: a server without limit makes the question meaningless.
int64_t connslots(const server::Backend& b, const Transaction&) {
  int64_t slots = 0;
  for (const auto& server : b.servers()) {
    if (!server->usable()) continue;
    if (server->maxconn() == 0 || server->config().maxqueue == 0) return -1;
    slots += server->maxconn() - static_cast<int64_t>(server->served());
    slots += server->config().maxqueue - static_cast<int64_t>(server->queue().size());
  }
  return slots;
}

int64_t be_conn_free(const server::Backend& b, const Transaction&) {
  int64_t slots = 0;
  for (const auto& server : b.servers()) {
    if (!server->in_rotation()) continue;
    if (server->maxconn() == 0) return -1;
    slots += server->max_connections() - static_cast<int64_t>(server->served());
  }
  return slots;
}

int64_t fe_conn(const server::Frontend& f, const Transaction&) {
  return f.connections.load(std::memory_order_relaxed);
}
int64_t fe_rate(const server::Frontend& f, const Transaction& t) {
  return rate_of(t, f.slot(), &server::Counters::session_rate);
}
int64_t fe_req_rate(const server::Frontend& f, const Transaction& t) {
  return rate_of(t, f.slot(), &server::Counters::request_rate);
}

int64_t srv_conn(const server::Server& s, const Transaction&) {
  return s.served();
}
int64_t srv_conn_free(const server::Server& s, const Transaction&) {
  return s.maxconn() == 0 ? -1 : s.max_connections() - static_cast<int64_t>(s.served());
}
int64_t srv_queue(const server::Server& s, const Transaction&) {
  return s.queue().size();
}
int64_t srv_rate(const server::Server& s, const Transaction& t) {
  return rate_of(t, s.slot(), &server::Counters::session_rate);
}
int64_t srv_iweight(const server::Server& s, const Transaction&) {
  return s.config().weight;
}
int64_t srv_weight(const server::Server& s, const Transaction&) {
  return (s.weight() + server::Server::kWeightScale - 1) / server::Server::kWeightScale;
}

Found srv_is_up(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  const server::Server* server = server_of(call, transaction);
  if (!server) return Found::no;
  out.set_bool(server->up());
  return Found::yes;
}

Found fetch_be_name(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.backend) return Found::no;
  out.set_text(transaction.backend->name());
  return Found::yes;
}

Found fetch_be_id(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.backend) return Found::no;
  out.set_int(transaction.backend->config().id);
  return Found::yes;
}

Found fetch_srv_name(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.server) return Found::no;
  out.set_text(transaction.server->name());
  return Found::yes;
}

Found fetch_srv_id(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.server) return Found::no;
  const server::Server& server = *transaction.server;
  out.set_int(server.config().id ? server.config().id : server.index() + 1);
  return Found::yes;
}

template <std::optional<base::Millis> config::Timeouts::*which>
Found fetch_timeout(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.backend) return Found::no;
  const auto& timeout = transaction.backend->config().timeouts.*which;
  out.set_int(timeout ? timeout->count() : 0);  // 0: none, as in HAProxy
  return Found::yes;
}

template <base::Millis Transaction::*own, std::optional<base::Millis> config::Timeouts::*which>
Found fetch_current_timeout(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  if ((transaction.*own).count() < 0) return fetch_timeout<which>(call, transaction, cursor, out);
  out.set_int((transaction.*own).count());
  return Found::yes;
}

constexpr ArgSpecs kBackend = {{{ArgKind::backend, true}}};
constexpr ArgSpecs kFrontend = {{{ArgKind::frontend, true}}};
constexpr ArgSpecs kServer = {{{ArgKind::server}}};
using config::Timeouts;

constexpr FetchRow kRows[] = {
    {.name = "nbsrv",
     .doc = "How many servers of the backend are usable.",
     .args = kBackend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_backend<nbsrv>},
    {.name = "be_conn",
     .doc = "Current connections of the backend.",
     .args = kBackend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_backend<be_conn>},
    {.name = "be_conn_free",
     .doc = "Free connection slots of the servers in rotation, -1 without limit.",
     .args = kBackend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_backend<be_conn_free>},
    {.name = "be_sess_rate",
     .doc = "New sessions per second of the backend.",
     .args = kBackend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_backend<be_rate>},
    {.name = "connslots",
     .doc = "Free connection and queue slots of the backend, -1 without limit.",
     .args = kBackend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_backend<connslots>},
    {.name = "queue",
     .doc = "How many wait in the backend and for its servers.",
     .args = kBackend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_backend<queued>},
    {.name = "avg_queue",
     .doc = "How many wait in the backend for each usable server.",
     .args = kBackend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_backend<avg_queue>},
    {.name = "fe_conn",
     .doc = "Current connections of the frontend.",
     .args = kFrontend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_frontend<fe_conn>},
    {.name = "fe_sess_rate",
     .doc = "New sessions per second of the frontend.",
     .args = kFrontend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_frontend<fe_rate>},
    {.name = "fe_req_rate",
     .doc = "HTTP requests per second of the frontend.",
     .args = kFrontend,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_frontend<fe_req_rate>},
    {.name = "srv_conn",
     .doc = "Current connections of the server.",
     .args = kServer,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_server<srv_conn>},
    {.name = "srv_conn_free",
     .doc = "Free connection slots of the server, -1 without limit.",
     .args = kServer,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_server<srv_conn_free>},
    {.name = "srv_is_up",
     .doc = "Whether the server is up.",
     .args = kServer,
     .out = Type::boolean,
     .valid = valid::kInternal,
     .run = srv_is_up},
    {.name = "srv_queue",
     .doc = "How many wait for the server.",
     .args = kServer,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_server<srv_queue>},
    {.name = "srv_sess_rate",
     .doc = "New sessions per second of the server.",
     .args = kServer,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_server<srv_rate>},
    {.name = "srv_iweight",
     .doc = "The configured weight of the server.",
     .args = kServer,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_server<srv_iweight>},
    {.name = "srv_weight",
     .doc = "The effective weight of the server.",
     .args = kServer,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_server<srv_weight>},
    {.name = "srv_uweight",
     .doc = "The weight of the server as operators see it.",
     .args = kServer,
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = of_server<srv_weight>},
    {.name = "be_name",
     .doc = "The name of the backend.",
     .out = Type::string,
     .valid = valid::kBackend,
     .run = fetch_be_name},
    {.name = "be_id",
     .doc = "The number of the backend.",
     .out = Type::integer,
     .valid = valid::kBackend,
     .run = fetch_be_id},
    {.name = "srv_name",
     .doc = "The name of the server.",
     .out = Type::string,
     .valid = valid::kServer,
     .run = fetch_srv_name},
    {.name = "srv_id",
     .doc = "The number of the server.",
     .out = Type::integer,
     .valid = valid::kServer,
     .run = fetch_srv_id},
    {.name = "be_server_timeout",
     .doc = "timeout server of the backend in milliseconds.",
     .out = Type::integer,
     .valid = valid::kBackend,
     .run = fetch_timeout<&Timeouts::server>},
    {.name = "be_tunnel_timeout",
     .doc = "timeout tunnel of the backend in milliseconds.",
     .out = Type::integer,
     .valid = valid::kBackend,
     .run = fetch_timeout<&Timeouts::tunnel>},
    {.name = "be_connect_timeout",
     .doc = "timeout connect of the backend in milliseconds.",
     .out = Type::integer,
     .valid = valid::kBackend,
     .run = fetch_timeout<&Timeouts::connect>},
    {.name = "be_queue_timeout",
     .doc = "timeout queue of the backend in milliseconds.",
     .out = Type::integer,
     .valid = valid::kBackend,
     .run = fetch_timeout<&Timeouts::queue>},
    {.name = "be_tarpit_timeout",
     .doc = "timeout tarpit of the backend in milliseconds.",
     .out = Type::integer,
     .valid = valid::kBackend,
     .run = fetch_timeout<&Timeouts::tarpit>},
    {.name = "cur_server_timeout",
     .doc = "The server timeout of this exchange in milliseconds.",
     .out = Type::integer,
     .valid = valid::kBackend,
     .run = fetch_current_timeout<&Transaction::timeout_server, &Timeouts::server>},
    {.name = "cur_tunnel_timeout",
     .doc = "The tunnel timeout of this exchange in milliseconds.",
     .out = Type::integer,
     .valid = valid::kBackend,
     .run = fetch_current_timeout<&Transaction::timeout_tunnel, &Timeouts::tunnel>},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
