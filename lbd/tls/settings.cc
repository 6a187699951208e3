#include "lbd/tls/settings.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include "base/strings.h"

namespace lbd::tls {
namespace {

using config::TlsVersion;

template <typename T>
void fill(std::optional<T>& nearer, const std::optional<T>& further) {
  if (!nearer) nearer = further;
}

void inherit_common(config::TlsSettings& nearer, const config::TlsSettings& further) {
  fill(nearer.min_version, further.min_version);
  fill(nearer.max_version, further.max_version);
  nearer.refused_versions |= further.refused_versions;
  for (auto word : {&config::TlsSettings::ciphers, &config::TlsSettings::ciphersuites, &config::TlsSettings::curves,
                    &config::TlsSettings::sigalgs, &config::TlsSettings::client_sigalgs, &config::TlsSettings::alpn,
                    &config::TlsSettings::npn, &config::TlsSettings::ca_file, &config::TlsSettings::ca_verify_file,
                    &config::TlsSettings::crl_file})
    fill(nearer.*word, further.*word);
  fill(nearer.verify, further.verify);
  fill(nearer.tickets, further.tickets);
  nearer.allow_0rtt |= further.allow_0rtt;
}

int number_of(TlsVersion version) {
  switch (version) {
    case TlsVersion::ssl3:
      return SSL3_VERSION;
    case TlsVersion::tls1_0:
      return TLS1_VERSION;
    case TlsVersion::tls1_1:
      return TLS1_1_VERSION;
    case TlsVersion::tls1_2:
      return TLS1_2_VERSION;
    case TlsVersion::tls1_3:
      break;
  }
  return TLS1_3_VERSION;
}

// TLS 1.2 and 1.3 unless the settings say more. Words that refuse a version count only where none that sets a bound is
// there: as in haproxy.
bool apply_versions(const config::TlsSettings& settings, SSL_CTX* context, const cfg::Location& where,
                    cfg::Diagnostics& diagnostics) {
  TlsVersion min = TlsVersion::tls1_2, max = TlsVersion::tls1_3;
  if (settings.min_version || settings.max_version) {
    if (settings.refused_versions)
      diagnostics.warning(where, "no-sslv3 and no-tlsv1x are ignored beside ssl-min-ver and ssl-max-ver",
                          "use only ssl-min-ver and ssl-max-ver");
    max = settings.max_version.value_or(max);
    min = settings.min_version.value_or(min);
    if (!settings.min_version && max < min) {
      diagnostics.warning(where, "ssl-max-ver is below the version that is the lowest one without ssl-min-ver",
                          "say both; now only that version is spoken");
      min = max;
    }
  } else {
    auto refused = [&](TlsVersion version) { return settings.refused_versions >> static_cast<unsigned>(version) & 1; };
    if (refused(TlsVersion::tls1_2)) min = TlsVersion::tls1_3;
    if (refused(TlsVersion::tls1_3)) max = TlsVersion::tls1_2;
  }
  if (min > max) {
    diagnostics.error(where, "all versions of TLS are disabled");
    return false;
  }
  SSL_CTX_set_min_proto_version(context, number_of(min));
  SSL_CTX_set_max_proto_version(context, number_of(max));
  return true;
}

// One setting that is a text for OpenSSL.
template <typename Set>
bool apply_word(const config::TlsWord& word, std::string_view name, cfg::Diagnostics& diagnostics, Set set) {
  if (!word) return true;
  ERR_clear_error();
  if (set(word->text.c_str())) return true;
  const std::string reason = take_error();
  diagnostics.error(word->loc,
                    fmt::format("'{}': cannot use '{}'{}{}", name, word->text, reason.empty() ? "" : ": ", reason));
  return false;
}

ContextPtr new_context(const SSL_METHOD* method, const config::Global& global) {
  ContextPtr context(SSL_CTX_new(method));
  CHECK(context);
  if (global.ssl_security_level)
    SSL_CTX_set_security_level(context.get(), static_cast<int>(*global.ssl_security_level));
  return context;
}

bool apply_common(const config::TlsSettings& settings, SSL_CTX* context, const cfg::Location& where,
                  cfg::Diagnostics& diagnostics) {
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // An end without close_notify is an end: as an error it would cost the session, too.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_read_ahead(context, 1);
  if (settings.tickets == false) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  bool ok = apply_versions(settings, context, where, diagnostics);
  ok &= apply_word(settings.ciphers, "ciphers", diagnostics,
                   [&](const char* text) { return SSL_CTX_set_cipher_list(context, text); });
  ok &= apply_word(settings.ciphersuites, "ciphersuites", diagnostics,
                   [&](const char* text) { return SSL_CTX_set_ciphersuites(context, text); });
  ok &= apply_word(settings.curves, "curves", diagnostics,
                   [&](const char* text) { return SSL_CTX_set1_groups_list(context, text); });
  ok &= apply_word(settings.sigalgs, "sigalgs", diagnostics,
                   [&](const char* text) { return SSL_CTX_set1_sigalgs_list(context, text); });
  ok &= apply_word(settings.client_sigalgs, "client-sigalgs", diagnostics,
                   [&](const char* text) { return SSL_CTX_set1_client_sigalgs_list(context, text); });
  return ok;
}

}  // namespace

config::BindTls inherit(config::BindTls nearer, const config::BindTls& further) {
  inherit_common(nearer, further);
  for (auto word : {&config::BindTls::ecdhe, &config::BindTls::ca_ignore_err, &config::BindTls::crt_ignore_err,
                    &config::BindTls::ticket_keys})
    fill(nearer.*word, further.*word);
  fill(nearer.strict_sni, further.strict_sni);
  fill(nearer.ocsp_update, further.ocsp_update);
  nearer.prefer_client_ciphers |= further.prefer_client_ciphers;
  nearer.no_ca_names |= further.no_ca_names;
  return nearer;
}

config::ServerTls inherit(config::ServerTls nearer, const config::ServerTls& further) {
  inherit_common(nearer, further);
  return nearer;
}

std::string wire_protocols(std::string_view list) {
  std::string wire;
  if (list.empty()) return wire;
  for (std::string_view name : base::split(list, ',')) {
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

ContextPtr make_context(const config::BindTls& settings, const config::Global& global, const cfg::Location& where,
                        cfg::Diagnostics& diagnostics) {
  ContextPtr context = new_context(TLS_server_method(), global);
  bool ok = apply_common(settings, context.get(), where, diagnostics);
  if (!settings.prefer_client_ciphers)
    SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  if (!settings.curves)
    ok &= apply_word(settings.ecdhe, "ecdhe", diagnostics,
                     [&](const char* text) { return SSL_CTX_set1_groups_list(context.get(), text); });
  return ok ? std::move(context) : nullptr;
}

ContextPtr make_context(const config::ServerTls& settings, const config::Global& global, const cfg::Location& where,
                        cfg::Diagnostics& diagnostics) {
  ContextPtr context = new_context(TLS_client_method(), global);
  bool ok = apply_common(settings, context.get(), where, diagnostics);
  if (settings.alpn && !settings.alpn->text.empty()) {
    const std::string wire = wire_protocols(settings.alpn->text);
    SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()));
  }
  return ok ? std::move(context) : nullptr;
}

}  // namespace lbd::tls
