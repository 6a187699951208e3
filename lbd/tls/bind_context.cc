#include "lbd/tls/bind_context.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "lbd/tls/settings.h"
#include "lbd/tls/stapling.h"

namespace lbd::tls {
namespace {

// A name of a hello in lower case; "": there is none, or none that can be known.
class LowerName {
 public:
  explicit LowerName(std::string_view name) {
    if (name.size() > text_.size()) return;
    for (char c : name) text_[size_++] = base::to_lower(c);
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, SniIndex::kLongestName> text_;
  size_t size_ = 0;
};

// server_name of a hello, RFC 6066, 3: a list of names, of which there may be one of each kind.
std::string_view name_of_hello(SSL* ssl) {
  const unsigned char* data = nullptr;
  size_t size = 0;
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) || size < 5) return {};
  const size_t list = static_cast<size_t>(data[0]) << 8 | data[1], length = static_cast<size_t>(data[3]) << 8 | data[4];
  if (list != size - 2 || data[2] != TLSEXT_NAMETYPE_host_name || length > size - 5) return {};
  return {reinterpret_cast<const char*>(data + 5), length};
}

bool can_sign(SSL* ssl, KeyType type) {
  const int count = SSL_get_sigalgs(ssl, -1, nullptr, nullptr, nullptr, nullptr, nullptr);
  for (int i = 0; i < count; ++i) {
    int kind = 0;
    SSL_get_sigalgs(ssl, i, &kind, nullptr, nullptr, nullptr, nullptr);
    if (kind == EVP_PKEY_EC && type == KeyType::ecdsa) return true;
    if ((kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS) && type == KeyType::rsa) return true;
    if (kind == EVP_PKEY_DSA && type == KeyType::dsa) return true;
  }
  return count <= 0;
}

bool has_cipher(SSL* ssl, KeyType type) {
  if (SSL_version(ssl) >= TLS1_3_VERSION) return type != KeyType::dsa;
  const int wanted = type == KeyType::ecdsa ? NID_auth_ecdsa : type == KeyType::rsa ? NID_auth_rsa : NID_auth_dss;
  const STACK_OF(SSL_CIPHER)* theirs = SSL_get_client_ciphers(ssl);
  const STACK_OF(SSL_CIPHER)* ours = SSL_get_ciphers(ssl);
  for (int i = 0; i < sk_SSL_CIPHER_num(theirs); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(theirs, i);
    if (SSL_CIPHER_get_auth_nid(cipher) != wanted) continue;
    for (int j = 0; j < sk_SSL_CIPHER_num(ours); ++j)
      if (SSL_CIPHER_get_id(sk_SSL_CIPHER_value(ours, j)) == SSL_CIPHER_get_id(cipher)) return true;
  }
  return false;
}

// Whether a client can do anything with a certificate of this kind.
bool can_use(SSL* ssl, KeyType type) {
  return type == KeyType::other || (can_sign(ssl, type) && has_cipher(ssl, type));
}

}  // namespace

void BindContext::collect(uint32_t chain, std::string_view name, Candidates& out) const {
  for (uint32_t at = chain; at != SniIndex::kNone && out.size < kMostCandidates; at = names_.next(at)) {
    const Entry& entry = entries_[names_.entry(at)];
    if (entry.except && std::find(entry.except->begin(), entry.except->end(), name) != entry.except->end()) continue;
    out.entries[out.size++] = &entry;
  }
}

BindContext::Candidates BindContext::find(std::string_view name) const {
  Candidates out;
  if (name.empty()) return out;
  collect(names_.exact(name), name, out);
  collect(names_.wildcard(name), name, out);
  return out;
}

int BindContext::read_hello(SSL* ssl, int* alert, void* own) {
  const auto& self = *static_cast<const BindContext*>(own);
  const Candidates found = self.find(LowerName(name_of_hello(ssl)).view());
  if (!found.size && self.strict_) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  const Entry& entry = found.size ? *found.entries[0] : self.entries_[self.default_.front()];
  if (entry.profile->context() != SSL_get_SSL_CTX(ssl)) entry.profile->take_over(ssl);
  return SSL_CLIENT_HELLO_SUCCESS;
}

// Only for full handshakes: a resumed one shows nothing.
int BindContext::select_certificate(SSL* ssl, void* own) {
  const auto& self = *static_cast<const BindContext*>(own);
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  Candidates found = self.find(LowerName(name ? name : "").view());
  if (!found.size)
    for (uint32_t entry : self.default_)
      if (found.size < kMostCandidates) found.entries[found.size++] = &self.entries_[entry];
  const Entry* chosen = found.entries[0];
  if (found.size > 1) {
    auto first_of = [&](KeyType type) {
      return std::find_if(found.entries, found.entries + found.size,
                          [&](const Entry* entry) { return entry->certificate->key_type() == type; });
    };
    for (KeyType type : {KeyType::ecdsa, KeyType::rsa, KeyType::dsa, KeyType::other}) {
      auto at = first_of(type);
      if (at == found.entries + found.size || !can_use(ssl, type)) continue;
      chosen = *at;
      break;
    }
  }
  // The context shows its default already.
  const Certificate::Parts* parts = chosen->certificate->parts();
  if (parts && SSL_get_certificate(ssl) == parts->leaf.get()) return 1;
  return chosen->certificate->use(ssl) ? 1 : 0;
}

const Profile* BindContext::profile_of(const CrtListLine& line, const config::BindTls& settings,
                                       const config::Global& global, Authorities& authorities,
                                       cfg::Diagnostics& diagnostics) {
  if (line.options.empty()) return profiles_.front().get();
  auto [known, added] = profile_by_options_.try_emplace(line.options, nullptr);
  if (!added) return known->second;
  auto profile = Profile::make(inherit(line.settings, settings), line.file.loc, global, authorities, diagnostics);
  if (!profile) return nullptr;
  known->second = profile.get();
  profiles_.push_back(std::move(profile));
  return known->second;
}

bool BindContext::add(const WantedCertificate& wanted, const CertificateStore& store, const config::BindTls& settings,
                      const config::Global& global, Authorities& authorities, cfg::Diagnostics& diagnostics) {
  const Profile* profile = profiles_.front().get();
  const std::vector<std::string>* except = nullptr;
  if (wanted.line) {
    profile = profile_of(*wanted.line, settings, global, authorities, diagnostics);
    if (!profile) return false;
    if (!wanted.line->except.empty())
      except = exceptions_.emplace_back(std::make_unique<std::vector<std::string>>(wanted.line->except)).get();
  }
  bool ok = true;
  const bool first = entries_.empty();
  for (const std::string& path : wanted.paths) {
    const auto& certificate = store.at(path);
    if (!certificate) {
      diagnostics.error(wanted.word.loc, certificate.error().text);
      ok = false;
      continue;
    }
    if (const std::string& warning = (*certificate)->warning(); !warning.empty())
      diagnostics.warning(wanted.word.loc, fmt::format("{}: {}", path, warning));
    const auto entry = static_cast<uint32_t>(entries_.size());
    entries_.push_back({*certificate, profile, except});
    if (wanted.is_default || (first && (!wanted.is_folder || default_.empty()))) default_.push_back(entry);
    for (const std::string& name : wanted.line&& wanted.line->filtered ? wanted.line->names : (*certificate)->names())
      names_.add(name, entry);
  }
  return ok;
}

void BindContext::set_callbacks(SessionCache& cache, TicketKeys& keys) {
  const Entry& shown = entries_[default_.front()];
  for (const auto& profile : profiles_) {
    shown.certificate->use(profile->context());
    SSL_CTX_set_cert_cb(profile->context(), select_certificate, this);
    serve_staplings(profile->context());
    cache.serve(profile->context());
    keys.serve(profile->context());
  }
  if (strict_ || profiles_.size() > 1) SSL_CTX_set_client_hello_cb(context(), read_hello, this);
}

std::unique_ptr<BindContext> BindContext::make(const config::Bind& bind, const std::vector<WantedCertificate>& wanted,
                                               const CertificateStore& store, const config::Global& global,
                                               Authorities& authorities, const SharedState& shared,
                                               cfg::Diagnostics& diagnostics) {
  std::unique_ptr<BindContext> out(new BindContext);
  const config::BindTls settings = inherit(bind.tls, global.bind_tls);
  auto profile = Profile::make(settings, bind.location, global, authorities, diagnostics);
  if (!profile) return nullptr;
  out->profiles_.push_back(std::move(profile));
  out->strict_ = settings.strict_sni.value_or(false);
  bool ok = true;
  // What default-crt names comes first.
  for (bool defaults : {true, false})
    for (const WantedCertificate& each : wanted)
      if (each.is_default == defaults) ok &= out->add(each, store, settings, global, authorities, diagnostics);
  if (!ok) return nullptr;
  if (out->entries_.empty()) {
    diagnostics.error(bind.location, "no certificate is given", "'ssl' needs 'crt' or 'crt-list'");
    return nullptr;
  }
  if (settings.ticket_keys) {
    auto keys = TicketKeys::from_file(settings.ticket_keys->text);
    if (!keys) {
      diagnostics.error(settings.ticket_keys->loc, fmt::format("'tls-ticket-keys': {}", keys.error().text));
      return nullptr;
    }
    out->own_keys_ = std::move(*keys);
  }
  out->set_callbacks(shared.cache, out->own_keys_ ? *out->own_keys_ : shared.keys);
  return out;
}

}  // namespace lbd::tls
