#include "lbd/tls/server_context.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "lbd/tls/paths.h"
#include "lbd/tls/settings.h"

namespace lbd::tls {
namespace {

using config::TlsVerify;

int slot_index() {
  static const int index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool is_address(const std::string& text) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 || inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

TlsVerify verify_of(const config::ServerTls& settings, const config::Global& global) {
  return settings.verify.value_or(global.ssl_server_verify == "none" ? TlsVerify::none : TlsVerify::required);
}

bool set_verification(SSL_CTX* context, const config::ServerTls& settings, const config::Server& server,
                      const config::Global& global, Authorities& authorities, cfg::Diagnostics& diagnostics) {
  if (verify_of(settings, global) == TlsVerify::none) return true;
  if (!settings.ca_file) {
    diagnostics.error(server.location,
                      settings.verify ? "'verify required' needs 'ca-file': no authority is given"
                                      : "servers are verified by default, but no 'ca-file' is given",
                      "where the server can be trusted say 'verify none', or 'ssl-server-verify none' in global");
    return false;
  }
  auto store =
      authorities.store(in_base(settings.ca_file, global.ca_base), "", in_base(settings.crl_file, global.ca_base));
  if (!store) {
    diagnostics.error(settings.ca_file->loc, store.error().text);
    return false;
  }
  SSL_CTX_set1_verify_cert_store(context, *store);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return true;
}

}  // namespace

std::string likeness(const config::ServerTls& settings) {
  std::string out;
  for (const config::TlsWord* word :
       {&settings.ciphers, &settings.ciphersuites, &settings.curves, &settings.sigalgs, &settings.client_sigalgs,
        &settings.alpn, &settings.ca_file, &settings.crl_file, &settings.certificate})
    out += *word ? (*word)->text + '\n' : "-\n";
  auto number = [](const auto& value) { return value ? static_cast<int>(*value) : -1; };
  return out + fmt::format("{} {} {} {} {}", number(settings.min_version), number(settings.max_version),
                           settings.refused_versions, number(settings.verify), number(settings.tickets));
}

ContextPtr make_server_context(const config::ServerTls& settings, const config::Server& server,
                               const CertificateStore& store, const config::Global& global, Authorities& authorities,
                               cfg::Diagnostics& diagnostics) {
  ContextPtr context = make_context(settings, global, server.location, diagnostics);
  if (!context || !set_verification(context.get(), settings, server, global, authorities, diagnostics)) return nullptr;
  if (settings.certificate) {
    const auto& certificate = store.at(in_base(settings.certificate, global.crt_base));
    if (!certificate || !(*certificate)->use(context.get())) {
      diagnostics.error(settings.certificate->loc, certificate ? take_error() : certificate.error().text);
      return nullptr;
    }
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), ServerSessions::keep);
  return context;
}

ServerSessions::ServerSessions(SSL_CTX* context, const config::Server& server, uint32_t workers)
    : context_(context), reuse_(server.tls.reuse), slots_(server.tls.reuse ? workers : 0) {
  if (server.tls.verify_host) verify_host_ = server.tls.verify_host->text;
}

void ServerSessions::prepare(SSL* ssl, uint32_t worker, std::string_view name) {
  const std::string host(name.empty() ? std::string_view(verify_host_) : name);
  std::string text(name);
  if (is_address(text)) text.clear();  // RFC 6066, 3: an address is no server name
  if (!text.empty()) SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, text.data());
  if (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) {
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_address(host))
      X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str());
    else if (!host.empty())
      X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
  }
  if (!reuse_) return;
  CHECK(worker < slots_.size());
  Slot& slot = slots_[worker];
  SSL_set_ex_data(ssl, slot_index(), &slot);
  if (SSL_CTX* context = SSL_get_SSL_CTX(ssl); slot.context != context) {
    slot.session.reset();
    slot.context = context;
  }
  if (slot.session && slot.name == text && SSL_SESSION_is_resumable(slot.session.get())) {
    SSL_set_session(ssl, slot.session.get());
  } else if (slot.name != text) {
    slot.session.reset();
    slot.name = std::move(text);
  }
}

// The answer says that the reference is ours now.
int ServerSessions::keep(SSL* ssl, SSL_SESSION* session) {
  auto* slot = static_cast<Slot*>(SSL_get_ex_data(ssl, slot_index()));
  if (!slot || slot->context != SSL_get_SSL_CTX(ssl)) return 0;
  // The slot went to another name while this connection was under way.
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (slot->name != (name ? name : "")) return 0;
  slot->session.reset(session);
  return 1;
}

}  // namespace lbd::tls
