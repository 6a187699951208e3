// What contexts note of each connection when the configuration asks for it: lists of the client's hello, and secrets
// for decrypting captures. Kept in the Notes of the connection. Thread: as the connection's.
// Manual: 3.2 (tune.ssl.capture-buffer-size, tune.ssl.keylog).
#pragma once

#include "lbd/config/global.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

// `tune` outlives the context.
void record(SSL_CTX* context, const config::Tune& tune);

}  // namespace lbd::tls
