// Contexts: every TLS context of a configuration: one for each bind line with `ssl` and each server line with `ssl`.
//
// SSL_new(of(line)) with SSL_set_accept_state or SSL_set_connect_state gives a connection that does what the line says:
// which certificate a client gets by its server name, ALPN, verification, resumption.
// Owner: the engine. Life: made before rights are dropped, as long as the workers. Thread: load() by one, of() by any.
// Errors: Diagnostics, at the word that named the file, in crt-lists too. Manual: 5.1, 5.2.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "cfg/diag.h"
#include "cfg/source.h"
#include "lbd/config/config.h"
#include "lbd/tls/authorities.h"
#include "lbd/tls/bind_context.h"
#include "lbd/tls/certificate_store.h"
#include "lbd/tls/crt_store.h"
#include "lbd/tls/openssl.h"
#include "lbd/tls/server_context.h"
#include "lbd/tls/session_cache.h"
#include "lbd/tls/ticket_keys.h"

namespace lbd::tls {

class Contexts {
 public:
  Contexts() = default;
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;

  void load(const config::Config& config, uint32_t workers, cfg::Diagnostics& diagnostics);
  // In place of a worker's number in prepare(): the control thread, for checks.
  uint32_t checker() const { return workers_; }

  SSL_CTX* of(const config::Bind& bind) const;      // null: the line is not ssl
  SSL_CTX* of(const config::Server& server) const;  // null: the line is neither ssl nor check-ssl

  // A new SSL of a server's context: server name `sni` ("": none), the name its certificate must have, and the session
  // that this worker resumes.
  void prepare(SSL* ssl, const config::Server& server, uint32_t worker, std::string_view sni) const;

  // The keys that tickets of bind lines without tls-ticket-keys are sealed with. Not before load().
  TicketKeys& ticket_keys() { return *ticket_keys_; }

  // set ssl ocsp-response: an answer in DER, for every certificate of which it speaks.
  base::Status set_ocsp_answer(std::string_view der);

 private:
  using CrtList = std::vector<CrtListLine>;
  // The files that the line names; nothing after an error.
  bool want(const config::Bind& bind, const config::Global& global, std::vector<WantedCertificate>& out,
            cfg::Diagnostics& diagnostics);
  bool want_file(WantedCertificate wanted, const config::Global& global, std::vector<WantedCertificate>& out,
                 cfg::Diagnostics& diagnostics);
  void load_binds(const config::Config& config, cfg::Diagnostics& diagnostics);
  void load_servers(const config::Config& config, uint32_t workers, cfg::Diagnostics& diagnostics);
  const CrtList* crt_list(const cfg::Word& file, cfg::Diagnostics& diagnostics);

  uint32_t workers_ = 0;
  cfg::SourceSet sources_;  // the texts of crt-lists
  std::unordered_map<std::string, std::unique_ptr<CrtList>> crt_lists_;
  CrtStores stores_;
  IssuerChains chains_;
  CertificateStore certificates_;
  std::unique_ptr<SessionCache> cache_;
  std::unique_ptr<TicketKeys> ticket_keys_;
  Authorities authorities_;
  std::unordered_map<const config::Bind*, std::unique_ptr<BindContext>> binds_;
  std::unordered_map<std::string, ContextPtr> server_contexts_;  // by likeness()
  std::unordered_map<const config::Server*, std::unique_ptr<ServerSessions>> servers_;
};

}  // namespace lbd::tls
