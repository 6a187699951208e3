#include "lbd/expr/connection_error.h"

namespace lbd::expr {

std::string_view text_of(ConnectionError error) {
  switch (error) {
    case ConnectionError::none:
      return "Success";
    case ConnectionError::socket:
      return "General socket error";
    case ConnectionError::proxy_closed:
      return "Connection closed while waiting for PROXY protocol header";
    case ConnectionError::proxy_failed:
      return "Connection error while waiting for PROXY protocol header";
    case ConnectionError::proxy_timeout:
      return "Timeout while waiting for PROXY protocol header";
    case ConnectionError::proxy_truncated:
      return "Truncated PROXY protocol header received";
    case ConnectionError::proxy_absent:
      return "Received something which does not look like a PROXY protocol header";
    case ConnectionError::proxy_invalid:
      return "Received an invalid PROXY protocol header";
    case ConnectionError::proxy_unhandled:
      return "Received an unhandled protocol in the PROXY protocol header";
    case ConnectionError::netscaler_closed:
      return "Connection closed while waiting for NetScaler Client IP header";
    case ConnectionError::netscaler_failed:
      return "Connection error while waiting for NetScaler Client IP header";
    case ConnectionError::netscaler_timeout:
      return "Timeout while waiting for a NetScaler Client IP header";
    case ConnectionError::netscaler_truncated:
      return "Truncated NetScaler Client IP header received";
    case ConnectionError::netscaler_invalid:
      return "Received an invalid NetScaler Client IP magic number";
    case ConnectionError::netscaler_unhandled:
      return "Received an unhandled protocol in the NetScaler Client IP header";
    case ConnectionError::tls_closed:
      return "Connection closed during SSL handshake";
    case ConnectionError::tls_failed:
      return "Connection error during SSL handshake";
    case ConnectionError::tls_timeout:
      return "Timeout during SSL handshake";
    case ConnectionError::tls_too_many:
      return "Too many SSL connections";
    case ConnectionError::tls_memory:
      return "Out of memory when initializing an SSL connection";
    case ConnectionError::tls_renegotiation:
      return "Rejected a client-initiated SSL renegotiation attempt";
    case ConnectionError::tls_chain:
      return "SSL client CA chain cannot be verified";
    case ConnectionError::tls_client_certificate:
      return "SSL client certificate not trusted";
    case ConnectionError::tls_server_certificate:
      return "Server presented an SSL certificate different from the configured one";
    case ConnectionError::tls_server_name:
      return "Server presented an SSL certificate different from the expected one";
    case ConnectionError::tls_handshake:
      return "SSL handshake failure";
    case ConnectionError::tls_early_data:
      return "Server refused early data";
    case ConnectionError::tls_fatal:
      return "SSL fatal error";
  }
  return "";
}

}  // namespace lbd::expr
