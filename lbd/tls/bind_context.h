// BindContext: TLS of one bind line: its SSL_CTX, its certificates, and which of them a client gets.
//
// Owner: Contexts. Life: as the configuration's. Thread: made by the load; its callbacks run in every worker and change
// nothing. Manual: 5.1 (crt, crt-list, strict-sni, alpn).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cfg/diag.h"
#include "lbd/config/bind.h"
#include "lbd/config/global.h"
#include "lbd/tls/certificate.h"

namespace lbd::tls {

class BindContext {
 public:
  // Null after an error.
  static std::unique_ptr<BindContext> make(const config::Bind& bind, const config::Global& global,
                                           cfg::Diagnostics& diagnostics);

  SSL_CTX* context() const { return context_.get(); }

 private:
  BindContext() = default;
  static int select_protocol(SSL* ssl, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                             unsigned offered_size, void* own);

  ContextPtr context_;
  std::string protocols_;  // ALPN, as on the wire
  std::vector<std::unique_ptr<Certificate>> certificates_;
};

}  // namespace lbd::tls
