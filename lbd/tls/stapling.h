// What a context sends along with the certificate it shows: OCSP answers (RFC 6066, 8) and lists of signed certificate
// timestamps (RFC 6962, 3.3.1), for whichever certificate the connection has got. Thread: any; see certificate.h.
#pragma once

#include "lbd/tls/openssl.h"

namespace lbd::tls {

void serve_staplings(SSL_CTX* context);

}  // namespace lbd::tls
