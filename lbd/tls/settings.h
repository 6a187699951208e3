// How a context speaks TLS: config::TlsSettings applied to an SSL_CTX. What a line does not say, the settings that
// stand further away say (crt-list line, bind line, global), and then we.
// Errors: Diagnostics, at the word that OpenSSL refuses. Thread: one load. Manual: 3.1 (ssl-default-*), 5.1, 5.2.
#pragma once

#include "cfg/diag.h"
#include "lbd/config/bind.h"
#include "lbd/config/global.h"
#include "lbd/config/server.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

// `nearer` with what it leaves open filled in from `further`.
config::BindTls inherit(config::BindTls nearer, const config::BindTls& further);
config::ServerTls inherit(config::ServerTls nearer, const config::ServerTls& further);

// "h2,http/1.1" as it goes over the wire: each name behind its length.
std::string wire_protocols(std::string_view list);

// A context with modes, options and settings, without certificates and callbacks; null after an error. `where`: the
// line.
ContextPtr make_context(const config::BindTls& settings, const config::Global& global, const cfg::Location& where,
                        cfg::Diagnostics& diagnostics);
ContextPtr make_context(const config::ServerTls& settings, const config::Global& global, const cfg::Location& where,
                        cfg::Diagnostics& diagnostics);

}  // namespace lbd::tls
