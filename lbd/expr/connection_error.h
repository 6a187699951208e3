// ConnectionError: why a connection failed before it carried anything: what fc_err and fc_err_str tell of the client's,
// bc_err and bc_err_str of the server's, with HAProxy's numbers and texts. Manual: 7.3.3 (fc_err_str), 8.2.5.
// Thread: constants.
#pragma once

#include <cstdint>
#include <string_view>

namespace lbd::expr {

enum class ConnectionError : uint8_t {
  none = 0,
  socket = 6,
  proxy_closed = 11,  // while its PROXY protocol header was waited for
  proxy_failed = 12,
  proxy_timeout = 13,
  proxy_truncated = 14,
  proxy_absent = 15,
  proxy_invalid = 16,
  proxy_unhandled = 17,
  netscaler_closed = 18,  // while its NetScaler client IP header was waited for
  netscaler_failed = 19,
  netscaler_timeout = 20,
  netscaler_truncated = 21,
  netscaler_invalid = 22,
  netscaler_unhandled = 23,
  tls_closed = 24,  // during the handshake
  tls_failed = 25,
  tls_timeout = 26,
  tls_too_many = 27,
  tls_memory = 28,
  tls_renegotiation = 29,
  tls_chain = 30,
  tls_client_certificate = 31,
  tls_server_certificate = 32,
  tls_server_name = 33,
  tls_handshake = 34,
  tls_early_data = 38,
  tls_fatal = 43,
};

std::string_view text_of(ConnectionError error);

}  // namespace lbd::expr
