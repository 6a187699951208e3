// Certificate: what is shown to a peer: a leaf, its key, the chain above it, and what is sent along (OCSP answer, list
// of signed certificate timestamps).
//
// Made from the contents of its files, whoever read them. OpenSSL's objects are made when they are first asked for:
// they cost a millisecond of work and kilobytes of memory, and of ten thousand certificates few are in use.
// Owner: shared. Thread: any; immutable but for the OCSP answer, which is replaced as a whole.
// Errors: Result, a text without the path. Manual: 5.1 (crt).
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lbd/tls/certificate_facts.h"
#include "lbd/tls/guarded.h"
#include "lbd/tls/issuer_chains.h"
#include "lbd/tls/ocsp_answer.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

// The contents of the files of a certificate. The leaf is the first one of `pem`, the others of it are the chain.
struct CertificateFiles {
  std::string pem;
  std::optional<std::string> key = {};     // where `pem` has none
  std::optional<std::string> issuer = {};  // for OCSP, where the chain has it not
  std::optional<std::string> ocsp = {};    // DER; empty: an answer may come later
  std::optional<std::string> sctl = {};    // RFC 6962, 3.3
};

// What those files hold, with all that is not wanted left out: what a change at run time begins with. Secrets are wiped
// when they go.
struct CertificateContents {
  std::vector<std::string> chain = {};  // DER, the leaf first; only what the file has
  std::string key = {}, key_name = {};  // DER, and its name in PEM: "EC PRIVATE KEY"
  std::string dh_parameters = {};
  std::optional<std::string> issuer = {};  // DER
  std::optional<std::string> ocsp = {};    // empty: an answer may come later
  std::optional<std::string> sctl = {};

  CertificateContents() = default;
  CertificateContents(const CertificateContents&) = default;
  CertificateContents(CertificateContents&&) = default;
  CertificateContents& operator=(const CertificateContents&) = default;
  CertificateContents& operator=(CertificateContents&&) = default;
  ~CertificateContents();

  // The certificate, its chain and, where it has one, the key of a PEM file.
  base::Status read_pem_file(std::string_view text);
  base::Status read_key(std::string_view text);
  base::Status read_issuer(std::string_view text);

  // The leaf and what stands above it in the file; null: damaged.
  ChainPtr certificates() const;
  // Whether the key is that of the leaf.
  bool has_own_key() const;
  // The id under which an OCSP answer would stand; "": its issuer is not known.
  std::string ocsp_id() const;
};

base::Status check_sctl(std::string_view list);

// What is sent along with a leaf. It hangs on the leaf's X509, where the callbacks of a handshake find it.
struct Stapling {
  std::string sctl;
  std::string ocsp_id;       // "": no OCSP file stands beside the certificate
  Guarded<OcspAnswer> ocsp;  // null: none

  static const Stapling* of(const X509* leaf);  // null: nothing
};

// How the chain above a leaf is made up.
struct ChainRules {
  const IssuerChains* chains = nullptr;  // for files without one
  bool skip_self_issued = false;         // a root is not sent
  bool wants_ocsp = false;               // an OCSP answer will come, if the issuer is known
};

class Certificate {
 public:
  struct Parts {
    CertificatePtr leaf;
    ChainPtr chain;         // what is sent above the leaf; may be empty, never null
    CertificatePtr issuer;  // null: no chain is in the file
    KeyPtr key;
    KeyPtr dh_parameters;  // null: none are in the file
  };

  static base::Result<std::shared_ptr<Certificate>> parse(std::string path, CertificateFiles files,
                                                          const ChainRules& rules = {});
  static base::Result<std::shared_ptr<Certificate>> make(std::string path, CertificateContents contents,
                                                         const ChainRules& rules = {});
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  const std::string& path() const { return path_; }
  KeyType key_type() const { return key_type_; }
  // Lower case; what a client may ask for; wildcards as "*.example.org".
  const std::vector<std::string>& names() const { return names_; }
  // Of the leaf; null: not known.
  CertificatePtr issuer() const;
  // Null: OpenSSL cannot read it; error() says why.
  const Parts* parts() const;
  std::string error() const;
  const std::shared_ptr<Stapling>& stapling() const { return stapling_; }
  const CertificateContents& contents() const { return contents_; }
  // What does not keep it from being shown: an OCSP answer that is not good. "": nothing.
  const std::string& warning() const { return warning_; }

  // The certificate for this connection; false: OpenSSL does not take it, its error queue says why.
  bool use(SSL* ssl) const;
  bool use(SSL_CTX* context) const;

 private:
  Certificate() = default;
  base::Result<std::unique_ptr<Parts>> make_parts() const;
  base::Status add_ocsp();

  std::string path_, warning_;
  KeyType key_type_ = KeyType::other;
  std::vector<std::string> names_;
  CertificateContents contents_;
  const IssuerChains::Chain* chain_elsewhere_ = nullptr;  // where the file has none
  bool skip_self_issued_ = false;
  std::shared_ptr<Stapling> stapling_ = std::make_shared<Stapling>();

  mutable std::once_flag made_;
  mutable std::unique_ptr<Parts> parts_;
  mutable std::string error_;
};

}  // namespace lbd::tls
