// Samples of the client's connection: addresses, ports, listener, frontend. Manual: 7.3.3.
#include "lbd/config/bind.h"
#include "lbd/expr/row.h"

namespace lbd::expr {

namespace {

Found ip(const base::IpAddr& from, Value& out) {
  if (!from.is_v4() && !from.is_v6()) return Found::no;
  out.set_ip(from);
  return Found::yes;
}

Found port(const base::IpPort& from, Value& out) {
  if (!from.ip.is_v4() && !from.ip.is_v6()) return Found::no;
  out.set_int(from.port);
  return Found::yes;
}

Found fetch_src(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  return ip(transaction.src.ip, out);
}
Found fetch_dst(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  return ip(transaction.dst.ip, out);
}
Found fetch_src_port(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  return port(transaction.src, out);
}
Found fetch_dst_port(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  return port(transaction.dst, out);
}

// fc_*: of the connection itself, whatever set-src and set-dst said for the exchange.
Found fetch_fc_src(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  return ip(transaction.session.src.ip, out);
}
Found fetch_fc_dst(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  return ip(transaction.session.dst.ip, out);
}
Found fetch_fc_src_port(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  return port(transaction.session.src, out);
}
Found fetch_fc_dst_port(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  return port(transaction.session.dst, out);
}

Found fetch_fe_name(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.frontend) return Found::no;
  out.set_text(transaction.frontend->name());
  return Found::yes;
}

Found fetch_fe_id(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.frontend) return Found::no;
  out.set_int(transaction.frontend->config().id);
  return Found::yes;
}

Found fetch_fe_defbe(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.frontend || !transaction.frontend->config().default_backend) return Found::no;
  out.set_text(transaction.frontend->config().default_backend->name);
  return Found::yes;
}

Found fetch_client_timeout(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.frontend || !transaction.frontend->config().timeouts.client) return Found::no;
  out.set_int(transaction.frontend->config().timeouts.client->count());
  return Found::yes;
}

Found fetch_so_id(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  out.set_int(transaction.session.bind_index);
  return Found::yes;
}

Found fetch_so_name(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.session.bind || transaction.session.bind->name.empty()) return Found::no;
  out.set_text(transaction.session.bind->name);
  return Found::yes;
}

Found fetch_http_major(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  bool h2 = transaction.request && transaction.request->version == http::Version::http_2;
  out.set_int(h2 ? 2 : 1);
  return Found::yes;
}

constexpr FetchRow kRows[] = {
    {.name = "src",
     .doc = "The source address of the client.",
     .out = Type::address,
     .valid = valid::kClient,
     .run = fetch_src},
    {.name = "src_port",
     .doc = "The source port of the client.",
     .out = Type::integer,
     .valid = valid::kClient,
     .run = fetch_src_port},
    {.name = "dst",
     .doc = "The address that the client connected to.",
     .out = Type::address,
     .valid = valid::kClient,
     .run = fetch_dst},
    {.name = "dst_port",
     .doc = "The port that the client connected to.",
     .out = Type::integer,
     .valid = valid::kClient,
     .run = fetch_dst_port},
    {.name = "fc_src",
     .doc = "The source address of the client's connection, before set-src.",
     .out = Type::address,
     .valid = valid::kClient,
     .run = fetch_fc_src},
    {.name = "fc_src_port",
     .doc = "The source port of the client's connection, before set-src-port.",
     .out = Type::integer,
     .valid = valid::kClient,
     .run = fetch_fc_src_port},
    {.name = "fc_dst",
     .doc = "The destination address of the client's connection, before set-dst.",
     .out = Type::address,
     .valid = valid::kClient,
     .run = fetch_fc_dst},
    {.name = "fc_dst_port",
     .doc = "The destination port of the client's connection, before set-dst-port.",
     .out = Type::integer,
     .valid = valid::kClient,
     .run = fetch_fc_dst_port},
    {.name = "fc_http_major",
     .doc = "The HTTP version on the client's connection: 1 or 2.",
     .out = Type::integer,
     .valid = valid::kClient,
     .run = fetch_http_major},
    {.name = "fe_name",
     .doc = "The name of the frontend.",
     .out = Type::string,
     .valid = valid::kFrontend,
     .run = fetch_fe_name},
    {.name = "fe_id",
     .doc = "The number of the frontend.",
     .out = Type::integer,
     .valid = valid::kFrontend,
     .run = fetch_fe_id},
    {.name = "fe_defbe",
     .doc = "The name of the frontend's default backend.",
     .out = Type::string,
     .valid = valid::kFrontend,
     .run = fetch_fe_defbe},
    {.name = "fe_client_timeout",
     .doc = "timeout client of the frontend in milliseconds.",
     .out = Type::integer,
     .valid = valid::kFrontend,
     .run = fetch_client_timeout},
    {.name = "so_id",
     .doc = "The number of the listening socket.",
     .out = Type::integer,
     .valid = valid::kFrontend,
     .run = fetch_so_id},
    {.name = "so_name",
     .doc = "The name of the listening socket.",
     .out = Type::string,
     .valid = valid::kFrontend,
     .run = fetch_so_name},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
