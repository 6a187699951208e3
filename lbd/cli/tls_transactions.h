// TlsTransactions: what `set ssl cert`, `set ssl ca-file` and `set ssl crl-file` have prepared and `commit` will put to
// use: one of each kind at a time, whatever session began it. Owner: Services. Thread: control.
// Manual: management.txt 9.3 (set ssl cert).
#pragma once

#include <optional>
#include <string>

#include "lbd/tls/contexts.h"
#include "lbd/tls/ocsp_updater.h"

namespace lbd::cli {

struct CertificateTransaction {
  std::string path;
  tls::CertificateContents contents;
};

struct AuthorityTransaction {
  std::string path;
  tls::Authorities::Contents contents;
};

struct TlsTransactions {
  std::optional<CertificateTransaction> certificate;
  std::optional<AuthorityTransaction> ca, crl;
};

}  // namespace lbd::cli
