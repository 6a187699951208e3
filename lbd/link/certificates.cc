#include "lbd/link/certificates.h"

#include <openssl/crypto.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/log.h"
#include "proto/certificates.pb.h"

namespace lbd::link {
namespace {

uint64_t micros(base::WallTime time) {
  return static_cast<uint64_t>(time.time_since_epoch().count());
}

}  // namespace

uint64_t digest_of(const tls::CertificateContents& contents) {
  uint64_t digest = XXH3_64bits(contents.key.data(), contents.key.size());
  for (const std::string& one : contents.chain) digest = XXH3_64bits_withSeed(one.data(), one.size(), digest);
  return digest;
}

std::string certificates_digest(const tls::CertificateStore& store) {
  uint64_t digest = 0;
  const auto add = [&](std::string_view text) { digest = XXH3_64bits_withSeed(text.data(), text.size(), digest); };
  for (const std::string& path : store.paths()) {
    const auto certificate = store.find(path);
    if (!certificate) continue;
    add(path);
    for (const std::string& one : certificate->contents().chain) add(one);
  }
  if (digest == 0) return {};
  XXH64_canonical_t canonical;
  XXH64_canonicalFromHash(&canonical, digest);
  return {reinterpret_cast<const char*>(canonical.digest), sizeof canonical.digest};
}

std::string encode(const CertificateChange& change) {
  const tls::CertificateContents& contents = change.contents;
  tandem::CertificatePart part;
  part.set_base(change.base);
  for (const std::string& one : contents.chain) part.add_chain(one);
  part.set_key(contents.key);
  part.set_key_name(contents.key_name);
  part.set_dh_parameters(contents.dh_parameters);
  if (contents.issuer) part.set_issuer(*contents.issuer);
  if (contents.ocsp) part.set_ocsp(*contents.ocsp);
  if (contents.sctl) part.set_sctl(*contents.sctl);
  std::string text = part.SerializeAsString();
  OPENSSL_cleanse(part.mutable_key()->data(), part.key().size());
  return text;
}

std::optional<CertificateChange> decode_certificate(std::string_view value) {
  tandem::CertificatePart part;
  if (!part.ParseFromArray(value.data(), static_cast<int>(value.size())) || part.chain().empty() || part.key().empty())
    return std::nullopt;
  CertificateChange change;
  change.base = part.base();
  change.contents.chain.assign(part.chain().begin(), part.chain().end());
  change.contents.key = part.key();
  change.contents.key_name = part.key_name();
  change.contents.dh_parameters = part.dh_parameters();
  if (part.has_issuer()) change.contents.issuer = part.issuer();
  if (part.has_ocsp()) change.contents.ocsp = part.ocsp();
  if (part.has_sctl()) change.contents.sctl = part.sctl();
  OPENSSL_cleanse(part.mutable_key()->data(), part.key().size());
  return change;
}

CertificateShare::CertificateShare(tls::Contexts& contexts)
    : contexts_(contexts), started_(micros(base::wall_now())), seen_(contexts.changes()) {}

uint64_t CertificateShare::file_time(const std::string& path) const {
  uint64_t latest = 0;
  for (const std::string& file : {path, path + ".key"}) {
    struct stat facts;
    if (::stat(file.c_str(), &facts) == 0)
      latest = std::max(latest, static_cast<uint64_t>(facts.st_mtim.tv_sec) * 1'000'000 +
                                    static_cast<uint64_t>(facts.st_mtim.tv_nsec) / 1000);
  }
  return latest != 0 ? latest : started_;
}

void CertificateShare::look_for_changes() {
  seen_ = contexts_.changes();
  for (const auto& [path, replaced] : contexts_.replaced()) {
    auto shown = contexts_.certificates().find(path);
    Known& known = known_[path];
    if (!shown || shown == known.shown) continue;
    if (known.version == 0 && replaced.first) known.base = digest_of(replaced.first->contents());
    known.version = std::max(micros(replaced.when), known.version + 1);
    known.shown = std::move(shown);
    waiting_ += !std::exchange(known.waiting, true);
  }
}

void CertificateShare::mark_all() {
  for (auto& [path, known] : known_) waiting_ += known.version != 0 && !std::exchange(known.waiting, true);
}

void CertificateShare::collect(Teller& teller) {
  if (contexts_.changes() != seen_) look_for_changes();
  if (waiting_ == 0) return;
  for (auto& [path, known] : known_) {
    if (!known.waiting) continue;
    if (teller.full()) return;
    known.waiting = false;
    --waiting_;
    std::string value = encode({known.shown->contents(), known.base});
    teller.tell_at(kCertificates, path, value, known.version, known.version - 1);
    OPENSSL_cleanse(value.data(), value.size());
  }
}

void CertificateShare::accept(const replica::PartStore::News& news) {
  const std::string path(news.key);
  const auto before = contexts_.certificates().find(path);
  const auto at = known_.find(path);
  if (!before || (at != known_.end() && news.version <= at->second.version)) return;
  auto change = decode_certificate(news.value);
  if (!change) return;
  const bool of_file = at == known_.end() || at->second.version == 0;
  if (of_file && file_time(path) > news.version && digest_of(before->contents()) != change->base) return;
  auto certificate = tls::Certificate::make(path, std::move(change->contents), contexts_.chain_rules(path));
  base::Status done = certificate ? contexts_.replace(*certificate) : base::Err(certificate.error());
  if (!done) {
    base::log(base::Level::warning, "certificate '{}' as set at run time on node {} cannot be used: {}", path,
              news.node, done.error().text);
    return;
  }
  Known& known = known_[path];
  waiting_ -= std::exchange(known.waiting, false);
  known.version = news.version;
  known.base = change->base;
  known.shown = *certificate;
  base::log(base::Level::notice, "certificate '{}' is the one set at run time on node {}", path, news.node);
}

}  // namespace lbd::link
