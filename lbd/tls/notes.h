// Notes: what is noted about a TLS connection while it comes into being, for those who ask later (fetches, logs). Most
// connections have none. Owner: the SSL, on which they hang. Thread: that of the connection.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lbd/tls/client_hello.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

// Errors of the peer's chain that were found, also where they were ignored: X509_V_ERR_*; 0: none.
struct Verification {
  int ca_error = 0;  // the first one above the peer's certificate
  int ca_error_depth = 0;
  int crt_error = 0;  // the first one of the peer's certificate
};

struct Notes {
  Verification verification;
  std::unique_ptr<const ClientHello> hello;  // with tune.ssl.capture-buffer-size
  // With tune.ssl.keylog: the secret in hexadecimal behind its label ("CLIENT_TRAFFIC_SECRET_0").
  std::vector<std::pair<std::string, std::string>> secrets;
};

Notes& notes_of(SSL* ssl);
const Notes* find_notes(const SSL* ssl);  // null: there are none

}  // namespace lbd::tls
