// Authorities: certificates of authorities and revocation lists from files, each file read once, and the X509_STOREs
// that are made of them, shared by the lines that name the same files.
//
// A file is PEM with any number of certificates and lists; a folder gives its *.pem, *.crt, *.cer and *.crl;
// "@system-ca" the folder of the system (SSL_CERT_DIR). At run time a file's contents may be replaced, and files be
// made that are on no disk; stores that were made before stay as they are. Owner: Contexts. Thread: one load, then the
// control thread. Errors: Result, with the path. Manual: 5.1 (ca-file, ca-verify-file, crl-file), 5.2.
#pragma once

#include <openssl/x509.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

using CrlPtr = std::unique_ptr<X509_CRL, FreeBy<X509_CRL_free>>;
using StorePtr = std::unique_ptr<X509_STORE, FreeBy<X509_STORE_free>>;

// The contents of a file.
struct AuthorityFile {
  std::vector<CertificatePtr> certificates;
  std::vector<CrlPtr> lists;

  // Of the text of a PEM file; with `seen` what it has already is left out.
  base::Status add_pem(std::string_view text, std::set<std::string>& seen);
  void add(const AuthorityFile& other, std::set<std::string>& seen);
};

class Authorities {
 public:
  enum class Kind : uint8_t { ca, crl };
  using Contents = std::shared_ptr<const AuthorityFile>;
  struct File {
    Contents contents;
    Kind kind;              // the words that name it
    uint32_t replaced = 0;  // how often
  };

  // Paths; "" for what a line does not name. With a revocation list every certificate of a chain is looked up in it.
  base::Result<X509_STORE*> store(const std::string& ca, const std::string& ca_verify, const std::string& crl);

  // The names of the authorities of a file, for clients to choose a certificate by; owned by the caller.
  base::Result<STACK_OF(X509_NAME) *> names(const std::string& ca);

  // --- run time ---
  const std::map<std::string, File>& files() const { return files_; }
  const File* find(const std::string& path) const;
  // The contents of a path from now on, whether it is there or not.
  void put(const std::string& path, Kind kind, Contents contents);
  void remove(const std::string& path) { files_.erase(path); }
  // Differs after each replacement, and is the same on every node that was given the same; "" before the first.
  std::string mark(const std::string& path) const;

 private:
  base::Result<const AuthorityFile*> load(const std::string& path, Kind kind);

  std::map<std::string, File> files_;
  std::map<std::tuple<std::string, std::string, std::string>, StorePtr> stores_;
};

}  // namespace lbd::tls
