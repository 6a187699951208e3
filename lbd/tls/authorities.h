// Authorities: certificates of authorities and revocation lists from files, each file read once, and the X509_STOREs
// that are made of them, shared by the lines that name the same files.
//
// A file is PEM with any number of certificates and lists; a folder gives its *.pem, *.crt, *.cer and *.crl;
// "@system-ca" the folder of the system (SSL_CERT_DIR). Owner: Contexts. Thread: one load.
// Errors: Result, with the path. Manual: 5.1 (ca-file, ca-verify-file, crl-file), 5.2.
#pragma once

#include <openssl/x509.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

using CrlPtr = std::unique_ptr<X509_CRL, FreeBy<X509_CRL_free>>;
using StorePtr = std::unique_ptr<X509_STORE, FreeBy<X509_STORE_free>>;

class Authorities {
 public:
  // Paths; "" for what a line does not name. With a revocation list every certificate of a chain is looked up in it.
  base::Result<X509_STORE*> store(const std::string& ca, const std::string& ca_verify, const std::string& crl);

  // The names of the authorities of a file, for clients to choose a certificate by; owned by the caller.
  base::Result<STACK_OF(X509_NAME) *> names(const std::string& ca);

 private:
  struct File {
    std::vector<CertificatePtr> certificates;
    std::vector<CrlPtr> lists;
  };
  base::Result<const File*> load(const std::string& path);

  std::map<std::string, File> files_;
  std::map<std::tuple<std::string, std::string, std::string>, StorePtr> stores_;
};

}  // namespace lbd::tls
