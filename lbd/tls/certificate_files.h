// Which files belong to a certificate that a line names: FILE itself, or FILE.dsa, FILE.ecdsa and FILE.rsa; FILE.key,
// .issuer, .ocsp and .sctl beside it; or all that is in a folder. Reads files, understands nothing of them.
// Thread: any. Errors: Result, with the path. Manual: 5.1 (crt), 3.1 (ssl-load-extra-files, ssl-load-extra-del-ext).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lbd/config/tls.h"
#include "lbd/tls/certificate.h"

namespace lbd::tls {

// The paths of the certificates that `path` stands for: one, those of its bundle, or those of its folder in the order
// of their names.
base::Result<std::vector<std::string>> certificate_paths(const std::string& path, const config::TlsFiles& extra);

// `wants_ocsp`: the issuer is wanted though there is no OCSP answer yet.
base::Result<CertificateFiles> read_certificate_files(const std::string& path, const config::TlsFiles& extra,
                                                      bool wants_ocsp = false);

}  // namespace lbd::tls
