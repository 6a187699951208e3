// Contexts: every TLS context of a configuration: one for each bind line with `ssl` and each server line with `ssl`.
//
// SSL_new(of(line)) with SSL_set_accept_state or SSL_set_connect_state gives a connection that does what the line says:
// which certificate a client gets by its server name, ALPN, verification, resumption.
// At run time the control thread may change certificates, files of authorities and crt-lists: a change is made aside,
// for every line that it concerns, and takes effect in all of them or in none.
// Owner: the engine. Life: made before rights are dropped, as long as the workers. Thread: load() by one; of() and
// prepare() by any, within a turn that base::Grace knows of; all else by the control thread.
// Errors: Diagnostics, at the word that named the file, in crt-lists too. Manual: 5.1, 5.2; management 9.3.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/grace.h"
#include "cfg/diag.h"
#include "cfg/source.h"
#include "lbd/config/config.h"
#include "lbd/tls/authorities.h"
#include "lbd/tls/bind_context.h"
#include "lbd/tls/certificate_store.h"
#include "lbd/tls/crt_store.h"
#include "lbd/tls/meter.h"
#include "lbd/tls/ocsp_fetch.h"
#include "lbd/tls/openssl.h"
#include "lbd/tls/server_context.h"
#include "lbd/tls/session_cache.h"
#include "lbd/tls/ticket_keys.h"

namespace lbd::tls {

// A crt-list, or a folder of certificates.
struct CrtList {
  bool is_folder = false;
  uint32_t last_number = 0;
  std::vector<std::shared_ptr<const CrtListLine>> lines;
  std::vector<const config::Bind*> binds;  // that name it
};

// The keys of a tls-ticket-keys file, however many lines name it.
struct TicketKeyFile {
  std::string path;
  std::unique_ptr<TicketKeys> keys;
};

// A line that shows a certificate.
struct CertificateUse {
  const config::Bind* bind = nullptr;      // to clients,
  const config::Server* server = nullptr;  // or to a server
  const CrtListLine* line = nullptr;       // null: not through a crt-list or a folder
  bool is_default = false;
};

// A certificate for which OCSP answers are fetched.
struct OcspTarget {
  std::string id, path, uri;
  int64_t expires = 0;  // of the answer that is there; 0: there is none
};

class Contexts {
 public:
  // Where readers are known by whom it is asked at run time; must outlive it. Without one nothing runs beside changes.
  explicit Contexts(base::Grace* grace = nullptr) : grace_(grace ? grace : &own_grace_) {}
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;

  void load(const config::Config& config, uint32_t workers, cfg::Diagnostics& diagnostics);
  // In place of a worker's number in prepare(): the control thread, for checks.
  uint32_t checker() const { return workers_; }

  SSL_CTX* of(const config::Bind& bind) const;  // null: the line is not ssl
  bool takes_early_data(const config::Bind& bind) const;
  SSL_CTX* of(const config::Server& server) const;  // null: neither it nor its checks speak TLS

  // A new SSL of a server's context: server name `sni` ("": none), the name its certificate must have, and the session
  // that this worker resumes.
  void prepare(SSL* ssl, const config::Server& server, uint32_t worker, std::string_view sni) const;

  // The keys that tickets of bind lines without tls-ticket-keys are sealed with. Not before load().
  TicketKeys& ticket_keys() { return *ticket_keys_; }
  // Likewise not before load().
  SessionCache& sessions() { return *cache_; }

  // set ssl ocsp-response: an answer in DER, for every certificate of which it speaks. An error: in haproxy's words.
  base::Status set_ocsp_answer(std::string_view der);

  Meter& meter() { return meter_; }

  // --- run time ---
  CertificateStore& certificates() { return certificates_; }
  Authorities& authorities() { return authorities_; }
  const std::map<std::string, CrtList>& crt_lists() const { return crt_lists_; }
  const std::vector<TicketKeyFile>& ticket_key_files() const { return ticket_key_files_; }
  // For a certificate that takes the place of that of the path.
  ChainRules chain_rules(const std::string& path) const;
  // Grows with each change.
  uint64_t changes() const { return changes_; }

  // How many times lines show the certificate, or show one beside the words that name the file of authorities.
  size_t uses_of_certificate(const std::string& path) const;
  // visit(path, use) for each of them.
  template <typename Visit>
  void for_each_use(Visit visit) const {
    for (const auto& [bind, context] : binds_)
      for (const ShownCertificate& entry : context->selection().entries)
        visit(entry.certificate->path(),
              CertificateUse{.bind = bind, .line = entry.line.get(), .is_default = entry.is_default});
    for (const auto& [server, sessions] : servers_)
      if (const std::string path = certificate_of(*server); !path.empty())
        visit(path, CertificateUse{.server = server});
  }
  size_t uses_of_authorities(const std::string& path) const;
  // The certificate under its path, from now on and wherever it is used.
  base::Status replace(std::shared_ptr<Certificate> certificate);
  // Those that were replaced, by path: when it was done last, and what there was at first.
  struct Replaced {
    base::WallTime when;
    std::shared_ptr<const Certificate> first;
  };
  const std::map<std::string, Replaced>& replaced() const { return replaced_; }
  base::Status replace(const std::string& path, Authorities::Kind kind, Authorities::Contents contents);
  // A line for a crt-list, of a text.
  base::Result<std::shared_ptr<const CrtListLine>> read_line(const std::string& list, const std::string& text);
  // In all bind lines that use the list.
  base::Status add_line(const std::string& list, std::shared_ptr<const CrtListLine> line);
  // A server that comes with `ssl` or is checked by TLS, or goes; the line lives for as long as it is there. When no
  // thread uses the server any more it is forgotten.
  void add_server(const config::Proxy& proxy, const config::Server& server, cfg::Diagnostics& diagnostics);
  void remove_server(const config::Server& server);
  // --- fetching OCSP answers ---
  std::vector<OcspTarget> ocsp_targets() const;
  // Of a certificate of which it may not be said that answers are fetched.
  base::Result<OcspTarget> ocsp_target_of(const std::string& path) const;
  // Whether it is signed in the name of the certificate's issuer.
  base::Status verify_ocsp_answer(const std::string& path, std::string_view der) const;
  int64_t ocsp_expires(const std::string& id) const;
  AddressBook& addresses() { return addresses_; }

  // Where it is the default certificate.
  std::vector<const config::Bind*> defaults_of(const CrtListLine& line) const;
  void remove_line(const std::string& list, const CrtListLine& line);

 private:
  // Server lines that say the same.
  struct ServerGroup {
    ContextPtr context;
    config::ServerTls settings;
    const config::Server* first = nullptr;
    std::vector<ServerSessions*> members;
  };
  // What takes the place of something, made but not yet in use.
  struct Replacement {
    std::vector<std::pair<BindContext*, SelectionPtr>> binds;
    std::vector<std::pair<ServerGroup*, ContextPtr>> servers;
  };

  // The files that the line names; nothing after an error.
  bool want(const config::Bind& bind, const config::Global& global, std::vector<WantedCertificate>& out,
            cfg::Diagnostics& diagnostics);
  bool want_of_frontend(const config::Proxy& proxy, const config::Bind& bind, const config::Global& global,
                        std::vector<WantedCertificate>& out, cfg::Diagnostics& diagnostics);
  bool want_file(WantedCertificate wanted, const config::Bind& bind, const config::Global& global,
                 std::vector<WantedCertificate>& out, cfg::Diagnostics& diagnostics);
  void want_folder(const WantedCertificate& wanted, const std::string& folder, const config::Bind& bind,
                   const std::vector<std::string>& paths, std::vector<WantedCertificate>& out);
  void load_binds(const config::Config& config, cfg::Diagnostics& diagnostics);
  void load_servers(const config::Config& config, cfg::Diagnostics& diagnostics);
  void take_server(const config::Server& server, cfg::Diagnostics& diagnostics);
  void publish_servers();
  CrtList* crt_list(const cfg::Word& file, cfg::Diagnostics& diagnostics);
  // False after an error; null: the line names no file of keys.
  bool open_ticket_keys(const config::TlsWord& file, TicketKeys*& keys, cfg::Diagnostics& diagnostics);
  SharedState shared_state();
  bool wants_ocsp(const std::string& path) const;
  CertificateStore::Paths paths_with_ocsp(const std::vector<const config::Bind*>& binds,
                                          const std::vector<std::vector<WantedCertificate>>& wanted) const;
  void check_ocsp_update(cfg::Diagnostics& diagnostics);
  base::Status expect_ocsp(const std::string& path);
  std::string certificate_of(const config::Server& server) const;  // its path; "": it shows none
  ContextPtr make_context_of(const ServerGroup& group, cfg::Diagnostics& diagnostics);
  static bool names(const config::TlsSettings& settings, const std::string& path, const config::Global& global);
  void put_in_place(Replacement replacement);

  Meter meter_;
  base::Grace own_grace_;
  base::Grace* grace_;
  const config::Config* config_ = nullptr;
  uint32_t workers_ = 0;
  uint64_t changes_ = 0;
  std::map<std::string, Replaced> replaced_;
  AddressBook addresses_;
  cfg::SourceSet sources_;  // the texts of crt-lists
  std::map<std::string, CrtList> crt_lists_;
  CrtStores stores_;
  IssuerChains chains_;
  CertificateStore certificates_;
  std::unique_ptr<SessionCache> cache_;
  ReplayGuard replay_guard_;
  std::unique_ptr<TicketKeys> ticket_keys_;
  std::vector<TicketKeyFile> ticket_key_files_;
  Authorities authorities_;
  std::unordered_map<const config::Bind*, std::unique_ptr<BindContext>> binds_;
  std::unordered_map<std::string, ServerGroup> server_groups_;  // by likeness()
  std::unordered_map<const config::Server*, std::unique_ptr<ServerSessions>> servers_;
  // What all threads look at: another one takes its place when a server comes or goes.
  using ServerIndex = std::unordered_map<const config::Server*, ServerSessions*>;
  std::unique_ptr<const ServerIndex> own_index_ = std::make_unique<ServerIndex>();
  std::atomic<const ServerIndex*> index_{own_index_.get()};
};

}  // namespace lbd::tls
