#include "lbd/tls/profile.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include "lbd/tls/dh_parameters.h"
#include "lbd/tls/notes.h"
#include "lbd/tls/paths.h"
#include "lbd/tls/recorder.h"
#include "lbd/tls/settings.h"

namespace lbd::tls {
namespace {

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

int Profile::index() {
  static const int made = CRYPTO_get_ex_new_index(
      CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr,
      [](void*, void* profile, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<const Profile*>(profile); });
  return made;
}

const Profile& Profile::of(const SSL* ssl) {
  return *static_cast<const Profile*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), index()));
}

int Profile::select_alpn(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                         unsigned offered_size, void* own) {
  const std::string& ours = static_cast<const Profile*>(own)->alpn_;
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, bytes_of(ours), static_cast<unsigned>(ours.size()), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int Profile::offer_npn(SSL*, const unsigned char** out, unsigned* size, void* own) {
  const std::string& ours = static_cast<const Profile*>(own)->npn_;
  *out = bytes_of(ours);
  *size = static_cast<unsigned>(ours.size());
  return SSL_TLSEXT_ERR_OK;
}

// Asked for every certificate of a client's chain, and for every error of it.
int Profile::judge(int ok, X509_STORE_CTX* store) {
  if (ok) return ok;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const Profile& profile = of(ssl);
  const int error = X509_STORE_CTX_get_error(store), depth = X509_STORE_CTX_get_error_depth(store);
  Verification& noted = notes_of(ssl).verification;
  if (depth > 0 && !noted.ca_error) {
    noted.ca_error = error;
    noted.ca_error_depth = depth;
  }
  if (depth == 0 && !noted.crt_error) noted.crt_error = error;
  if (!(depth > 0 ? profile.ignored_ca_ : profile.ignored_crt_).has(error)) return 0;
  ERR_clear_error();
  return 1;
}

bool Profile::set_verification(const config::BindTls& settings, const cfg::Location& where,
                               const config::Global& global, Authorities& authorities, cfg::Diagnostics& diagnostics) {
  const config::TlsVerify verify = settings.verify.value_or(config::TlsVerify::none);
  int mode = SSL_VERIFY_NONE;
  if (verify != config::TlsVerify::none) mode = SSL_VERIFY_PEER;
  if (verify == config::TlsVerify::required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context_, mode, judge);
  bool ok = true;
  auto read_ignored = [&](const config::TlsWord& word, const char* name, IgnoredErrors& ignored) {
    if (!word) return;
    auto errors = IgnoredErrors::parse(word->text);
    if (errors)
      ignored = *errors;
    else
      diagnostics.error(word->loc, fmt::format("'{}': {}", name, errors.error().text));
    ok &= errors.has_value();
  };
  read_ignored(settings.ca_ignore_err, "ca-ignore-err", ignored_ca_);
  read_ignored(settings.crt_ignore_err, "crt-ignore-err", ignored_crt_);
  if (verify == config::TlsVerify::none) return ok;
  if (!settings.ca_file && !settings.ca_verify_file) {
    diagnostics.error(where, "'verify' needs 'ca-file': no authority is given");
    return false;
  }
  const std::string ca = in_base(settings.ca_file, global.ca_base);
  auto store = authorities.store(ca, in_base(settings.ca_verify_file, global.ca_base),
                                 in_base(settings.crl_file, global.ca_base));
  if (!store) {
    diagnostics.error((settings.ca_file ? settings.ca_file : settings.ca_verify_file)->loc, store.error().text);
    return false;
  }
  SSL_CTX_set1_verify_cert_store(context_, *store);
  if (!ca.empty() && !settings.no_ca_names)
    if (auto names = authorities.names(ca)) SSL_CTX_set_client_CA_list(context_, *names);
  return ok;
}

// A session is resumed only where a client is verified in the same way: tickets are good for every line.
void Profile::set_session_id_context(const config::BindTls& settings, const config::Global& global,
                                     const Authorities& authorities) {
  std::string text = fmt::format("{}", static_cast<int>(settings.verify.value_or(config::TlsVerify::none)));
  for (const config::TlsWord* word : {&settings.ca_file, &settings.ca_verify_file, &settings.crl_file,
                                      &settings.ca_ignore_err, &settings.crt_ignore_err})
    text += '\n' + (*word ? (*word)->text : std::string());
  for (const config::TlsWord* word : {&settings.ca_file, &settings.ca_verify_file, &settings.crl_file})
    text += authorities.mark(in_base(*word, global.ca_base));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  SSL_CTX_set_session_id_context(context_, digest, SSL_MAX_SID_CTX_LENGTH);
}

void Profile::set_protocols(const config::BindTls& settings) {
  if (settings.alpn && !settings.alpn->text.empty()) {
    alpn_ = wire_protocols(settings.alpn->text);
    SSL_CTX_set_alpn_select_cb(context_, select_alpn, this);
  }
  if (settings.npn && !settings.npn->text.empty()) {
    npn_ = wire_protocols(settings.npn->text);
    SSL_CTX_set_next_protos_advertised_cb(context_, offer_npn, this);
  }
}

std::shared_ptr<const Profile> Profile::make(const config::BindTls& settings, const cfg::Location& where,
                                             const config::Global& global, Authorities& authorities,
                                             cfg::Diagnostics& diagnostics) {
  ContextPtr context = make_context(settings, global, where, diagnostics);
  if (!context) return nullptr;
  auto* made = new Profile;
  made->context_ = context.release();
  SSL_CTX_set_ex_data(made->context_, index(), made);
  std::shared_ptr<const Profile> out(made, [](const Profile* profile) { SSL_CTX_free(profile->context_); });
  made->settings_ = settings;
  made->where_ = where;
  if (const config::TlsWord& curves = settings.curves ? settings.curves : settings.ecdhe) made->groups_ = curves->text;
  made->set_protocols(settings);
  if (settings.allow_0rtt) SSL_CTX_set_max_early_data(made->context_, global.tune.bufsize - global.tune.maxrewrite);
  made->set_session_id_context(settings, global, authorities);
  bool ok = made->set_verification(settings, where, global, authorities, diagnostics);
  record(made->context_, global.tune);
  ok &= set_dh_parameters(made->context_, global, diagnostics);
  return ok ? out : nullptr;
}

void Profile::take_over(SSL* ssl) const {
  SSL_CTX* context = context_;
  SSL_set_SSL_CTX(ssl, context);
  // What SSL_new() copied from the other context.
  SSL_set_verify(ssl, SSL_CTX_get_verify_mode(context), judge);
  SSL_set_min_proto_version(ssl, static_cast<int>(SSL_CTX_get_min_proto_version(context)));
  SSL_set_max_proto_version(ssl, static_cast<int>(SSL_CTX_get_max_proto_version(context)));
  SSL_set_max_early_data(ssl, SSL_CTX_get_max_early_data(context));
  if (!groups_.empty()) SSL_set1_groups_list(ssl, groups_.c_str());
}

}  // namespace lbd::tls
