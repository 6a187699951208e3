// Samples of the client's connection as the kernel sees it, of its PROXY header, and of the thread that carries it.
// Manual: 7.3.3 (fc_*, src_is_local), 7.3.2 (thread).
#include "lbd/net/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/fd.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

bool prepare_unit(Prepare& prepare) {
  std::string_view unit = prepare.args[0].text;
  prepare.args[0].number = unit == "us" ? 1 : 1000;
  if (unit.empty() || unit == "ms" || unit == "us") return true;
  prepare.error = "the unit must be ms or us";
  return false;
}

template <uint32_t tcp_info::*field, bool time = false>
Found of_kernel(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  const net::Connection* connection = t.session.connection;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (!connection || connection->closed() || getsockopt(connection->fd(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return Found::no;
  out.set_int(time ? info.*field / call.arg(0).number : info.*field);
  return Found::yes;
}

// An address is local when one may bind to it.
Found is_local(const base::IpAddr& ip, Value& out) {
  if (!ip.is_v4() && !ip.is_v6()) return Found::no;
  base::SockAddr address(base::IpPort{ip, 0});
  base::Fd probe(socket(ip.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  out.set_bool(probe && bind(probe.get(), address.sa(), address.length()) == 0);
  return Found::yes;
}
Found src_is_local(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return is_local(t.src.ip, out);
}
Found dst_is_local(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return is_local(t.dst.ip, out);
}
Found fc_src_is_local(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return is_local(t.session.src.ip, out);
}
Found fc_dst_is_local(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return is_local(t.session.dst.ip, out);
}

Found received_proxy(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_bool(t.session.proxy != nullptr);
  return Found::yes;
}
template <std::string ProxyTold::*field>
Found of_proxy(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  if (!t.session.proxy || ((*t.session.proxy).*field).empty()) return Found::no;
  out.set_text((*t.session.proxy).*field);
  return Found::yes;
}

Found thread(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_int(t.session.worker);
  return Found::yes;
}

// The address of the server that was chosen, and the one that the connection to it comes from.
Found ip_of(const base::IpPort& from, Value& out) {
  if (!from.ip.is_v4() && !from.ip.is_v6()) return Found::no;
  out.set_ip(from.ip);
  return Found::yes;
}
Found port_of(const base::IpPort& from, Value& out) {
  if (!from.ip.is_v4() && !from.ip.is_v6()) return Found::no;
  out.set_int(from.port);
  return Found::yes;
}
Found bc_src(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return ip_of(t.server_source, out);
}
Found bc_src_port(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return port_of(t.server_source, out);
}
base::IpPort server_address(const Transaction& t) {
  return t.server ? t.server->address().ip_port() : base::IpPort{};
}
Found bc_dst(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return ip_of(server_address(t), out);
}
Found bc_dst_port(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return port_of(server_address(t), out);
}
Found bc_http_major(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  if (!t.response) return Found::no;
  out.set_int(t.response->version == http::Version::http_2 ? 2 : 1);
  return Found::yes;
}

Found dst_conn(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  if (!t.session.listener) return Found::no;
  out.set_int(t.session.listener->connections.load(std::memory_order_relaxed));
  return Found::yes;
}

Found number_of(ConnectionError error, Value& out) {
  out.set_int(static_cast<int64_t>(error));
  return Found::yes;
}
Found name_of(ConnectionError error, Value& out) {
  out.set_text(text_of(error));
  return Found::yes;
}
Found fc_err(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return number_of(t.session.error, out);
}
Found fc_err_str(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return name_of(t.session.error, out);
}
Found bc_err(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return t.server ? number_of(t.server_error, out) : Found::no;
}
Found bc_err_str(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return t.server ? name_of(t.server_error, out) : Found::no;
}

constexpr ArgSpecs kUnit = {{{ArgKind::text, true}}};
constexpr Type kInt = Type::integer, kBool = Type::boolean;
constexpr Phases kClient = valid::kClient, kServer = valid::kResponseKept;
constexpr FetchRow kRows[] = {
    {.name = "fc_rtt",
     .doc = "The round trip time of the client's connection, in ms or us.",
     .args = kUnit,
     .out = kInt,
     .valid = kClient,
     .run = of_kernel<&tcp_info::tcpi_rtt, true>,
     .prepare = prepare_unit},
    {.name = "fc_rttvar",
     .doc = "The variance of the round trip time of the client's connection, in ms or us.",
     .args = kUnit,
     .out = kInt,
     .valid = kClient,
     .run = of_kernel<&tcp_info::tcpi_rttvar, true>,
     .prepare = prepare_unit},
    {.name = "fc_unacked",
     .doc = "Segments to the client that are not acknowledged.",
     .args = kUnit,
     .out = kInt,
     .valid = kClient,
     .run = of_kernel<&tcp_info::tcpi_unacked>},
    {.name = "fc_sacked",
     .doc = "Segments to the client that are selectively acknowledged.",
     .args = kUnit,
     .out = kInt,
     .valid = kClient,
     .run = of_kernel<&tcp_info::tcpi_sacked>},
    {.name = "fc_retrans",
     .doc = "Segments to the client that are being sent again.",
     .args = kUnit,
     .out = kInt,
     .valid = kClient,
     .run = of_kernel<&tcp_info::tcpi_retrans>},
    {.name = "fc_fackets",
     .doc = "The forward acknowledgement counter of the client's connection.",
     .args = kUnit,
     .out = kInt,
     .valid = kClient,
     .run = of_kernel<&tcp_info::tcpi_fackets>},
    {.name = "fc_lost",
     .doc = "Segments to the client that are taken for lost.",
     .args = kUnit,
     .out = kInt,
     .valid = kClient,
     .run = of_kernel<&tcp_info::tcpi_lost>},
    {.name = "fc_reordering",
     .doc = "The reordering that the kernel measured on the client's connection.",
     .args = kUnit,
     .out = kInt,
     .valid = kClient,
     .run = of_kernel<&tcp_info::tcpi_reordering>},
    {.name = "src_is_local",
     .doc = "Whether the client's address is one of this host.",
     .out = kBool,
     .valid = kClient,
     .run = src_is_local},
    {.name = "dst_is_local",
     .doc = "Whether the address that the client connected to is one of this host.",
     .out = kBool,
     .valid = kClient,
     .run = dst_is_local},
    {.name = "fc_src_is_local",
     .doc = "As src_is_local, whatever set-src said.",
     .out = kBool,
     .valid = kClient,
     .run = fc_src_is_local},
    {.name = "fc_dst_is_local",
     .doc = "As dst_is_local, whatever set-dst said.",
     .out = kBool,
     .valid = kClient,
     .run = fc_dst_is_local},
    {.name = "fc_rcvd_proxy",
     .doc = "Whether the client's connection began with a PROXY protocol header.",
     .out = kBool,
     .valid = kClient,
     .run = received_proxy},
    {.name = "fc_pp_authority",
     .doc = "The host name that the PROXY protocol header told.",
     .valid = kClient,
     .run = of_proxy<&ProxyTold::authority>},
    {.name = "fc_pp_unique_id",
     .doc = "The unique ID that the PROXY protocol header told.",
     .valid = kClient,
     .run = of_proxy<&ProxyTold::unique_id>},
    {.name = "fc_err",
     .doc = "The number of the error that the client's connection failed with; 0: none.",
     .out = kInt,
     .valid = kClient,
     .run = fc_err},
    {.name = "fc_err_str",
     .doc = "What the client's connection failed with, in words.",
     .valid = kClient,
     .run = fc_err_str},
    {.name = "bc_err",
     .doc = "The number of the error that the connection to the server failed with; 0: none.",
     .out = kInt,
     .valid = kServer,
     .run = bc_err},
    {.name = "bc_err_str",
     .doc = "What the connection to the server failed with, in words.",
     .valid = kServer,
     .run = bc_err_str},
    {.name = "dst_conn",
     .doc = "How many connections the listener has that the client came through.",
     .out = kInt,
     .valid = kClient,
     .run = dst_conn},
    {.name = "thread", .doc = "The number of the thread that carries the connection.", .out = kInt, .run = thread},
    {.name = "bc_src",
     .doc = "The address that the connection to the server comes from.",
     .out = Type::address,
     .valid = kServer,
     .run = bc_src},
    {.name = "bc_src_port",
     .doc = "The port that the connection to the server comes from.",
     .out = kInt,
     .valid = kServer,
     .run = bc_src_port},
    {.name = "bc_dst", .doc = "The address of the server.", .out = Type::address, .valid = kServer, .run = bc_dst},
    {.name = "bc_dst_port", .doc = "The port of the server.", .out = kInt, .valid = kServer, .run = bc_dst_port},
    {.name = "bc_http_major",
     .doc = "The HTTP version on the connection to the server: 1 or 2.",
     .out = kInt,
     .valid = kServer,
     .run = bc_http_major},
};
const Fetches kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
