// BindContext: TLS of one bind line: its profiles, its certificates, and which of both a client gets.
//
// A name is looked for as it is and then as a wildcard; of the certificates that have it one is taken whose key the
// client can use, ECDSA before RSA. Who asks for no name, or for an unknown one, gets the default: what default-crt
// says, else the first certificate of the line (with its bundle); strict-sni refuses those clients.
// Owner: Contexts. Life: as the configuration's. Thread: made by the load, then immutable; callbacks run in every
// worker. Errors: Diagnostics, at the word that named a file. Manual: 5.1 (crt, crt-list, strict-sni, default-crt).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cfg/diag.h"
#include "lbd/config/bind.h"
#include "lbd/config/global.h"
#include "lbd/tls/authorities.h"
#include "lbd/tls/certificate_store.h"
#include "lbd/tls/crt_list.h"
#include "lbd/tls/profile.h"
#include "lbd/tls/session_cache.h"
#include "lbd/tls/sni_index.h"
#include "lbd/tls/ticket_keys.h"

namespace lbd::tls {

// A file that a line asks for, before it is read.
struct WantedCertificate {
  std::vector<std::string> paths;     // several: a folder, or a bundle
  cfg::Word word;                     // that named it
  const CrtListLine* line = nullptr;  // of a crt-list
  bool is_folder = false, is_default = false;
};

// What all bind lines have in common.
struct SharedState {
  SessionCache& cache;
  TicketKeys& keys;
};

class BindContext {
 public:
  // What the line asks for; the store has read the paths of `wanted`. Null after an error.
  static std::unique_ptr<BindContext> make(const config::Bind& bind, const std::vector<WantedCertificate>& wanted,
                                           const CertificateStore& store, const config::Global& global,
                                           Authorities& authorities, const SharedState& shared,
                                           cfg::Diagnostics& diagnostics);

  SSL_CTX* context() const { return profiles_.front()->context(); }
  const std::vector<std::unique_ptr<Profile>>& profiles() const { return profiles_; }

 private:
  struct Entry {
    std::shared_ptr<Certificate> certificate;
    const Profile* profile;
    const std::vector<std::string>* except;  // null: nothing is
  };
  static constexpr size_t kMostCandidates = 8;
  struct Candidates {
    const Entry* entries[kMostCandidates];
    size_t size = 0;
  };

  BindContext() = default;
  static int read_hello(SSL* ssl, int* alert, void* own);
  static int select_certificate(SSL* ssl, void* own);
  bool add(const WantedCertificate& wanted, const CertificateStore& store, const config::BindTls& settings,
           const config::Global& global, Authorities& authorities, cfg::Diagnostics& diagnostics);
  const Profile* profile_of(const CrtListLine& line, const config::BindTls& settings, const config::Global& global,
                            Authorities& authorities, cfg::Diagnostics& diagnostics);
  void set_callbacks(SessionCache& cache, TicketKeys& keys);
  // Of a name in lower case; none: unknown.
  Candidates find(std::string_view name) const;
  void collect(uint32_t chain, std::string_view name, Candidates& out) const;

  std::vector<std::unique_ptr<Profile>> profiles_;  // the first one is that of the line
  std::unordered_map<std::string, const Profile*> profile_by_options_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> default_;  // the default entry, with others of its bundle
  SniIndex names_;
  std::vector<std::unique_ptr<std::vector<std::string>>> exceptions_;
  std::unique_ptr<TicketKeys> own_keys_;  // of tls-ticket-keys
  bool strict_ = false;
};

}  // namespace lbd::tls
