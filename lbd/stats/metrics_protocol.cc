// Metrics of protocols below the exchange: TLS, HTTP/2, HTTP/1.
#include "lbd/stats/readers.h"

namespace lbd::stats {
namespace {

using server::Counters;

// What an HTTP side counts of HTTP/1: all but what was HTTP/2. Mode tcp has none.
Value without_h2(const Object& object, uint64_t all, server::Counter Counters::*h2) {
  const uint64_t other = object.sum(h2);
  return Value::u64(object.http() && all > other ? all - other : 0);
}
template <server::Counter Counters::*All, server::Counter Counters::*H2>
Value of_h1(const Object& object) {
  return without_h2(object, object.sum(All), H2);
}

Value connections_now(const Object& object) {
  return without_h2(object, object.frontend ? object.frontend->connections.load() : 0, &Counters::h2_connections_now);
}

Value connections_total(const Object& object) {
  return without_h2(object, object.sum(object.frontend ? &Counters::connections : &Counters::connects),
                    &Counters::h2_connections);
}

constexpr Metric kRows[] = {
    {.name = "ssl_sess",
     .doc = "TLS sessions established with a new key",
     .position = 103,
     .scopes = kAll,
     .read = total<&Counters::tls_sessions>},
    {.name = "ssl_reused_sess",
     .doc = "TLS sessions resumed",
     .position = 104,
     .scopes = kAll,
     .read = total<&Counters::tls_resumed>},
    {.name = "ssl_failed_handshake",
     .doc = "TLS handshakes that failed",
     .position = 105,
     .scopes = kAll,
     .read = total<&Counters::tls_failures>},
    {.name = "h2_headers_rcvd",
     .doc = "HTTP/2 HEADERS frames received",
     .position = 106,
     .scopes = kProxies,
     .read = total<&Counters::h2_headers>},
    {.name = "h2_data_rcvd",
     .doc = "HTTP/2 DATA frames received",
     .position = 107,
     .scopes = kProxies,
     .read = total<&Counters::h2_data>},
    {.name = "h2_settings_rcvd",
     .doc = "HTTP/2 SETTINGS frames received",
     .position = 108,
     .scopes = kProxies,
     .read = total<&Counters::h2_settings>},
    {.name = "h2_rst_stream_rcvd",
     .doc = "HTTP/2 RST_STREAM frames received",
     .position = 109,
     .scopes = kProxies,
     .read = total<&Counters::h2_resets>},
    {.name = "h2_goaway_rcvd",
     .doc = "HTTP/2 GOAWAY frames received",
     .position = 110,
     .scopes = kProxies,
     .read = total<&Counters::h2_goaways>},
    {.name = "h2_detected_conn_protocol_errors",
     .doc = "HTTP/2 errors of a connection",
     .position = 111,
     .scopes = kProxies,
     .read = total<&Counters::h2_connection_errors>},
    {.name = "h2_detected_strm_protocol_errors",
     .doc = "HTTP/2 errors of a stream",
     .position = 112,
     .scopes = kProxies,
     .read = total<&Counters::h2_stream_errors>},
    {.name = "h2_rst_stream_resp",
     .doc = "HTTP/2 RST_STREAM frames sent",
     .position = 113,
     .scopes = kProxies,
     .read = total<&Counters::h2_resets_sent>},
    {.name = "h2_goaway_resp",
     .doc = "HTTP/2 GOAWAY frames sent",
     .position = 114,
     .scopes = kProxies,
     .read = total<&Counters::h2_goaways_sent>},
    {.name = "h2_open_connections",
     .doc = "HTTP/2 connections now",
     .position = 115,
     .tags = "MGP",
     .scopes = kProxies,
     .read = total<&Counters::h2_connections_now>},
    {.name = "h2_backend_open_streams",
     .doc = "HTTP/2 streams now",
     .position = 116,
     .tags = "MGP",
     .scopes = kProxies,
     .read = total<&Counters::h2_streams_now>},
    {.name = "h2_total_connections",
     .doc = "HTTP/2 connections since start",
     .position = 117,
     .scopes = kProxies,
     .read = total<&Counters::h2_connections>},
    {.name = "h2_backend_total_streams",
     .doc = "HTTP/2 streams since start",
     .position = 118,
     .scopes = kProxies,
     .read = total<&Counters::h2_streams>},
    {.name = "h1_open_connections",
     .doc = "HTTP/1 connections now",
     .position = 119,
     .tags = "MGP",
     .scopes = kProxies,
     .read = connections_now},
    {.name = "h1_open_streams",
     .doc = "HTTP/1 exchanges now",
     .position = 120,
     .tags = "MGP",
     .scopes = kProxies,
     .read = of_h1<&Counters::sessions_now, &Counters::h2_streams_now>},
    {.name = "h1_total_connections",
     .doc = "HTTP/1 connections since start",
     .position = 121,
     .scopes = kProxies,
     .read = connections_total},
    {.name = "h1_total_streams",
     .doc = "HTTP/1 exchanges since start",
     .position = 122,
     .scopes = kProxies,
     .read = of_h1<&Counters::requests, &Counters::h2_streams>},
    {.name = "h1_bytes_in",
     .doc = "Bytes received over HTTP/1",
     .position = 123,
     .scopes = kProxies,
     .read = of_h1<&Counters::bytes_in, &Counters::h2_bytes_in>},
    {.name = "h1_bytes_out",
     .doc = "Bytes sent over HTTP/1",
     .position = 124,
     .scopes = kProxies,
     .read = of_h1<&Counters::bytes_out, &Counters::h2_bytes_out>},
    {.name = "h1_spliced_bytes_in",
     .doc = "Bytes received through a pipe",
     .position = 125,
     .scopes = kProxies,
     .read = zero},
    {.name = "h1_spliced_bytes_out",
     .doc = "Bytes sent through a pipe",
     .position = 126,
     .scopes = kProxies,
     .read = zero},
};
const base::Registered<Metric> kEnrol(kRows);

}  // namespace
}  // namespace lbd::stats
