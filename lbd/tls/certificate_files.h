// Which files belong to a certificate that a line names: FILE itself, or FILE.dsa, FILE.ecdsa and FILE.rsa; FILE.key,
// .issuer, .ocsp and .sctl beside it; or all that is in a folder. Reads files, understands nothing of them.
// Thread: any. Errors: Result, with the path. Manual: 5.1 (crt), 3.1 (ssl-load-extra-files, ssl-load-extra-del-ext).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lbd/tls/certificate.h"

namespace lbd::tls {

// ssl-load-extra-files and ssl-load-extra-del-ext.
struct ExtraFiles {
  bool bundle = true, sctl = true, ocsp = true, issuer = true, key = true;
  bool replace_extension = false;  // "a.crt" goes with "a.key", not "a.crt.key"
};

// The paths of the certificates that `path` stands for: one, those of its bundle, or those of its folder in the order
// of their names.
base::Result<std::vector<std::string>> certificate_paths(const std::string& path, const ExtraFiles& extra);

base::Result<CertificateFiles> read_certificate_files(const std::string& path, const ExtraFiles& extra);

}  // namespace lbd::tls
