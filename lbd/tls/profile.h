// Profile: one way of speaking TLS to clients: an SSL_CTX with all that a bind line says but certificates, or that line
// with the options of a crt-list line over it. A bind line has one, and one more for each different set of options.
//
// A connection begins with the profile of its line and may change over to another when its hello is read.
// Owner: the selections of a BindContext that have it, and every connection that speaks by it: it ends with its
// SSL_CTX. Thread: immutable; made by the load or the control thread, callbacks run in every worker. Manual: 5.1 (alpn,
// npn, verify, ca-file …).
#pragma once

#include <memory>
#include <string>

#include "cfg/diag.h"
#include "lbd/config/global.h"
#include "lbd/tls/authorities.h"
#include "lbd/tls/openssl.h"
#include "lbd/tls/verify_errors.h"

namespace lbd::tls {

class Profile {
 public:
  // `where`: the line that asks for it. Null after an error.
  static std::shared_ptr<const Profile> make(const config::BindTls& settings, const cfg::Location& where,
                                             const config::Global& global, Authorities& authorities,
                                             cfg::Diagnostics& diagnostics);

  SSL_CTX* context() const { return context_; }
  // What it was made of.
  const config::BindTls& settings() const { return settings_; }
  const cfg::Location& where() const { return where_; }

  // Makes a connection that began with another profile go on with this one.
  void take_over(SSL* ssl) const;

 private:
  Profile() = default;
  static int index();
  static const Profile& of(const SSL* ssl);
  static int select_alpn(SSL* ssl, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                         unsigned offered_size, void* own);
  static int offer_npn(SSL* ssl, const unsigned char** out, unsigned* size, void* own);
  static int judge(int ok, X509_STORE_CTX* store);
  bool set_verification(const config::BindTls& settings, const cfg::Location& where, const config::Global& global,
                        Authorities& authorities, cfg::Diagnostics& diagnostics);
  void set_session_id_context(const config::BindTls& settings, const config::Global& global,
                              const Authorities& authorities);
  void set_protocols(const config::BindTls& settings);

  SSL_CTX* context_ = nullptr;  // owns this
  config::BindTls settings_;
  cfg::Location where_;
  std::string alpn_, npn_;  // as on the wire
  std::string groups_;      // "": OpenSSL's own
  IgnoredErrors ignored_ca_, ignored_crt_;
};

}  // namespace lbd::tls
