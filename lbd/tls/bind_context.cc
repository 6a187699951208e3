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

void BindContext::Candidates::collect(const Selection& selection, uint32_t chain, std::string_view name) {
  const SniIndex& names = *selection.names;
  for (uint32_t at = chain; at != SniIndex::kNone && size < kMostCandidates; at = names.next(at)) {
    const ShownCertificate& entry = selection.entries[names.entry(at)];
    if (entry.line && std::find(entry.line->except.begin(), entry.line->except.end(), name) != entry.line->except.end())
      continue;
    entries[size++] = &entry;
  }
}

BindContext::Candidates BindContext::find(const Selection& selection, std::string_view name) {
  Candidates out;
  if (name.empty()) return out;
  out.collect(selection, selection.names->exact(name), name);
  out.collect(selection, selection.names->wildcard(name), name);
  return out;
}

int BindContext::read_hello(SSL* ssl, int* alert, void* own) {
  const auto& self = *static_cast<const BindContext*>(own);
  const Selection& selection = self.selection();
  const Candidates found = find(selection, LowerName(name_of_hello(ssl)).view());
  if (!found.size && self.strict_) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  const ShownCertificate& entry = found.size ? *found.entries[0] : selection.entries[selection.defaults.front()];
  if (entry.profile->context() != SSL_get_SSL_CTX(ssl)) entry.profile->take_over(ssl);
  return SSL_CLIENT_HELLO_SUCCESS;
}

// Only for full handshakes: a resumed one shows nothing.
int BindContext::select_certificate(SSL* ssl, void* own) {
  const Selection& selection = static_cast<const BindContext*>(own)->selection();
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  Candidates found = find(selection, LowerName(name ? name : "").view());
  if (!found.size)
    for (uint32_t entry : selection.defaults)
      if (found.size < kMostCandidates) found.entries[found.size++] = &selection.entries[entry];
  const ShownCertificate* chosen = found.entries[0];
  if (found.size > 1) {
    auto first_of = [&](KeyType type) {
      return std::find_if(found.entries, found.entries + found.size,
                          [&](const ShownCertificate* entry) { return entry->certificate->key_type() == type; });
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

const Profile* BindContext::profile_for(const CrtListLine& line, Selection& selection,
                                        cfg::Diagnostics& diagnostics) const {
  if (line.options.empty()) return selection.profiles.front().get();
  for (const ShownCertificate& entry : selection.entries)
    if (entry.line && entry.line->options == line.options) return entry.profile;
  auto profile =
      Profile::make(inherit(line.settings, settings_), line.file.loc, shared_.global, shared_.authorities, diagnostics);
  if (!profile) return nullptr;
  return selection.profiles.emplace_back(std::move(profile)).get();
}

bool BindContext::add(const WantedCertificate& wanted, Selection& to, cfg::Diagnostics& diagnostics) {
  const Profile* profile = wanted.line ? profile_for(*wanted.line, to, diagnostics) : to.profiles.front().get();
  if (!profile) return false;
  bool ok = true;
  const bool first = to.entries.empty();
  for (const std::string& path : wanted.paths) {
    const auto& certificate = shared_.store.at(path);
    if (!certificate) {
      diagnostics.error(wanted.word.loc, certificate.error().text);
      ok = false;
      continue;
    }
    if (const std::string& warning = (*certificate)->warning(); !warning.empty())
      diagnostics.warning(wanted.word.loc, fmt::format("{}: {}", path, warning));
    const bool is_default = wanted.is_default || (first && (!wanted.is_folder || to.defaults.empty()));
    if (is_default) to.defaults.push_back(static_cast<uint32_t>(to.entries.size()));
    to.entries.push_back({*certificate, profile, wanted.line, is_default});
  }
  return ok;
}

void BindContext::equip(const Selection& selection) const {
  const ShownCertificate& shown = selection.entries[selection.defaults.front()];
  auto* self = const_cast<BindContext*>(this);  // OpenSSL's callbacks get a void*; ours only look
  for (const auto& profile : selection.profiles) {
    SSL_CTX* context = profile->context();
    if (SSL_CTX_get0_certificate(context)) continue;
    shown.certificate->use(context);
    SSL_CTX_set_cert_cb(context, select_certificate, self);
    serve_staplings(context);
    shared_.cache.serve(context);
    shared_.replay_guard.serve(context);
    keys_->serve(context);
    shared_.meter.serve(context);
    SSL_CTX_set_client_hello_cb(context, read_hello, self);
  }
}

namespace {

std::shared_ptr<const SniIndex> index_of(const std::vector<ShownCertificate>& entries) {
  auto out = std::make_shared<SniIndex>();
  for (uint32_t i = 0; i < entries.size(); ++i)
    for (const std::string& name : entries[i].names()) out->add(name, i);
  return out;
}

// Whether OpenSSL takes the certificate in connections of the profile.
bool is_usable(const Certificate& certificate, const Profile& profile) {
  ERR_clear_error();
  SslPtr ssl(SSL_new(profile.context()));
  return ssl && certificate.use(ssl.get());
}

}  // namespace

BindContext::BindContext(const config::Bind& bind, TicketKeys* own_keys, const SharedState& shared)
    : bind_(bind),
      settings_(inherit(bind.tls, shared.global.bind_tls)),
      shared_(shared),
      keys_(own_keys ? own_keys : &shared.keys),
      strict_(settings_.strict_sni.value_or(false)) {}

BindContext::~BindContext() {
  delete selection_.load(std::memory_order_relaxed);
}

std::unique_ptr<BindContext> BindContext::make(const config::Bind& bind, const std::vector<WantedCertificate>& wanted,
                                               TicketKeys* own_keys, const SharedState& shared,
                                               cfg::Diagnostics& diagnostics) {
  std::unique_ptr<BindContext> out(new BindContext(bind, own_keys, shared));
  auto selection = std::make_unique<Selection>();
  auto profile = Profile::make(out->settings_, bind.location, shared.global, shared.authorities, diagnostics);
  if (!profile) return nullptr;
  selection->profiles.push_back(std::move(profile));
  bool ok = true;
  // What default-crt names comes first.
  for (bool defaults : {true, false})
    for (const WantedCertificate& each : wanted)
      if (each.is_default == defaults) ok &= out->add(each, *selection, diagnostics);
  if (!ok) return nullptr;
  if (selection->entries.empty()) {
    diagnostics.error(bind.location, "no certificate is given", "'ssl' needs 'crt' or 'crt-list'");
    return nullptr;
  }
  selection->names = index_of(selection->entries);
  out->equip(*selection);
  out->selection_.store(selection.release(), std::memory_order_release);
  return out;
}

bool BindContext::takes_early_data() const {
  const auto& profiles = selection().profiles;
  return std::any_of(profiles.begin(), profiles.end(), [](const auto& each) { return each->settings().allow_0rtt; });
}

bool BindContext::remake_profiles(Selection& selection, cfg::Diagnostics& diagnostics) const {
  for (auto& profile : selection.profiles) {
    auto made = Profile::make(profile->settings(), profile->where(), shared_.global, shared_.authorities, diagnostics);
    if (!made) return false;
    for (ShownCertificate& entry : selection.entries)
      if (entry.profile == profile.get()) entry.profile = made.get();
    profile = std::move(made);
  }
  equip(selection);
  return true;
}

SelectionPtr BindContext::with(const std::shared_ptr<const Certificate>& certificate,
                               cfg::Diagnostics& diagnostics) const {
  auto out = std::make_unique<Selection>(selection());
  bool other_names = false, is_default = false;
  for (ShownCertificate& entry : out->entries) {
    if (entry.certificate->path() != certificate->path()) continue;
    if (!is_usable(*certificate, *entry.profile)) {
      diagnostics.error(bind_.location, fmt::format("{}: {}", certificate->path(), take_error()));
      return nullptr;
    }
    other_names |= !(entry.line && entry.line->filtered) && entry.certificate->names() != certificate->names();
    is_default |= entry.is_default;
    entry.certificate = certificate;
  }
  if (other_names) out->names = index_of(out->entries);
  // What a context shows by itself is its own for good.
  if (is_default && !remake_profiles(*out, diagnostics)) return nullptr;
  return out;
}

SelectionPtr BindContext::with(const std::shared_ptr<const CrtListLine>& line, cfg::Diagnostics& diagnostics) const {
  auto out = std::make_unique<Selection>(selection());
  const Profile* profile = profile_for(*line, *out, diagnostics);
  if (!profile) return nullptr;
  const auto& certificate = shared_.store.at(line->path);
  CHECK(certificate && *certificate);
  out->entries.push_back({*certificate, profile, line, false});
  equip(*out);
  if (!is_usable(**certificate, *profile)) {
    diagnostics.error(line->file.loc, fmt::format("{}: {}", line->path, take_error()));
    return nullptr;
  }
  auto names = std::make_shared<SniIndex>(*out->names);
  for (const std::string& name : out->entries.back().names())
    names->add(name, static_cast<uint32_t>(out->entries.size() - 1));
  out->names = std::move(names);
  return out;
}

SelectionPtr BindContext::without(const CrtListLine& line) const {
  auto out = std::make_unique<Selection>(selection());
  std::erase_if(out->entries, [&](const ShownCertificate& entry) { return entry.line.get() == &line; });
  // Profiles that nobody needs any more go, but for the line's own.
  std::erase_if(out->profiles, [&](const auto& profile) {
    return profile != out->profiles.front() &&
           std::none_of(out->entries.begin(), out->entries.end(),
                        [&](const ShownCertificate& entry) { return entry.profile == profile.get(); });
  });
  out->defaults.clear();
  for (uint32_t i = 0; i < out->entries.size(); ++i)
    if (out->entries[i].is_default) out->defaults.push_back(i);
  out->names = index_of(out->entries);
  return out;
}

SelectionPtr BindContext::renewed(cfg::Diagnostics& diagnostics) const {
  auto out = std::make_unique<Selection>(selection());
  if (!remake_profiles(*out, diagnostics)) return nullptr;
  return out;
}

namespace {

// It may be a worker that frees what nobody looks at any more, and tens of thousands of entries would take it
// milliseconds: so a piece goes in a turn.
constexpr size_t kFreedAtOnce = 1000;

void discard(base::Grace& grace, Selection* selection) {
  grace.retire([&grace, selection] {
    auto& entries = selection->entries;
    if (entries.size() <= kFreedAtOnce) {
      delete selection;
      return;
    }
    entries.erase(entries.end() - kFreedAtOnce, entries.end());
    discard(grace, selection);
  });
}

}  // namespace

void BindContext::select(SelectionPtr selection) {
  const Selection* before = selection_.exchange(selection.release(), std::memory_order_acq_rel);
  discard(shared_.grace, const_cast<Selection*>(before));  // made as one that is not const, and ours again
}

}  // namespace lbd::tls
