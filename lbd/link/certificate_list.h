// What lbctl is told of the certificates of this lbd: what they are for, which lines show them, and when they end. No
// secret is in it, only what clients see, and paths.
//
// Nothing of it asks OpenSSL, which would take a millisecond for each, but for the details of one that was asked for by
// its name. What is told has a limit: of too many those that end first are told.
// Pure reading. Thread: control thread. Errors: none; what cannot be read is left empty.
#pragma once

#include "base/time.h"
#include "lbd/config/config.h"
#include "lbd/tls/contexts.h"
#include "proto/certificates.pb.h"

namespace lbd::link {

// Of an answer, in bytes: with the rest of it, it fits where syncd takes it (syncd/views.h).
inline constexpr size_t kLongestCertificateList = 192 * 1024;

// `contexts`: null where there is no TLS.
tandem::CertificateList list_certificates(tls::Contexts* contexts, const config::Config& config,
                                          const tandem::CertificatesRequest& wanted, base::WallTime now);

}  // namespace lbd::link
