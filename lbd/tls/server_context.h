// ServerContext: TLS to servers: an SSL_CTX for all server lines that say the same, and ServerTls beside each line: its
// name to verify and the session that each worker resumes.
//
// A worker keeps the last session that the server gave to it, for the server name with which it connected. At run time
// another context may take the place of a group's (another certificate, other authorities); the sessions of the one
// before are not resumed.
// Owner: Contexts. Life: as the configuration's. Thread: made by the load, changed by the control thread; a slot
// belongs to its worker, a context is immutable. Errors: Diagnostics, at the word. Manual: 5.2 (verify, verifyhost,
// sni, crt, no-ssl-reuse).
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cfg/diag.h"
#include "lbd/config/global.h"
#include "lbd/config/server.h"
#include "lbd/tls/authorities.h"
#include "lbd/tls/certificate_store.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

using SessionPtr = std::unique_ptr<SSL_SESSION, FreeBy<SSL_SESSION_free>>;

// A text that is the same for lines that can share a context.
std::string likeness(const config::ServerTls& settings);

// Null after an error. `settings` with the defaults in them.
ContextPtr make_server_context(const config::ServerTls& settings, const config::Server& server,
                               const CertificateStore& store, const config::Global& global, Authorities& authorities,
                               cfg::Diagnostics& diagnostics);

class ServerSessions {
 public:
  ServerSessions(SSL_CTX* context, const config::Server& server, uint32_t workers);

  // For a connection that is made in this turn.
  SSL_CTX* context() const { return context_.load(std::memory_order_acquire); }
  // The owner keeps the one before until no worker can be looking at it.
  void set_context(SSL_CTX* context) { context_.store(context, std::memory_order_release); }
  // A new connection: its server name, what the certificate must be for, and the session to resume. `name` "": none.
  void prepare(SSL* ssl, uint32_t worker, std::string_view name);

  // The callback of a context: a session came.
  static int keep(SSL* ssl, SSL_SESSION* session);

 private:
  struct alignas(64) Slot {
    SessionPtr session;
    std::string name;
    SSL_CTX* context = nullptr;  // with which the session was made; only to be compared
  };

  std::atomic<SSL_CTX*> context_;
  std::string verify_host_;
  bool reuse_;
  std::vector<Slot> slots_;
};

}  // namespace lbd::tls
