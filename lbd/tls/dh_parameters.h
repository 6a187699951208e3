// Parameters of the Diffie-Hellman key exchange of TLS 1.2: without them no DHE cipher is offered.
// Thread: one load. Errors: Diagnostics. Manual: 3.1 (ssl-dh-param-file), 3.2 (tune.ssl.default-dh-param).
#pragma once

#include "cfg/diag.h"
#include "lbd/config/global.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

// From the file that the configuration names, else a group of RFC 7919 of at least the wanted size.
bool set_dh_parameters(SSL_CTX* context, const config::Global& global, cfg::Diagnostics& diagnostics);

}  // namespace lbd::tls
