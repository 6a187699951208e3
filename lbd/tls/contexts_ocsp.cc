// What Contexts knows of OCSP answers: which are wanted, and which are there.
#include <fmt/format.h>

#include <ctime>

#include "lbd/tls/contexts.h"
#include "lbd/tls/settings.h"

namespace lbd::tls {

CertificateStore::Paths Contexts::paths_with_ocsp(const std::vector<const config::Bind*>& binds,
                                                  const std::vector<std::vector<WantedCertificate>>& wanted) const {
  CertificateStore::Paths out;
  for (size_t i = 0; i < binds.size(); ++i) {
    const config::BindTls of_bind = inherit(binds[i]->tls, config_->global.bind_tls);
    for (const WantedCertificate& each : wanted[i]) {
      const auto of_line = each.line ? each.line->settings.ocsp_update : std::nullopt;
      const bool on = of_line ? *of_line : of_bind.ocsp_update.value_or(config_->global.ocsp_update.mode);
      for (const std::string& path : each.paths) {
        const StoredCertificate* stored = stores_.find(path);
        if (on || (stored && stored->ocsp_update)) out.insert(path);
      }
    }
  }
  return out;
}

bool Contexts::wants_ocsp(const std::string& path) const {
  if (const StoredCertificate* stored = stores_.find(path); stored && stored->ocsp_update) return true;
  for (const auto& [bind, context] : binds_)
    for (const ShownCertificate& entry : context->selection().entries)
      if (entry.certificate->path() == path &&
          entry.profile->settings().ocsp_update.value_or(config_->global.ocsp_update.mode))
        return true;
  return false;
}

ChainRules Contexts::chain_rules(const std::string& path) const {
  return {&chains_, config_->global.tls_files.skip_self_issued, wants_ocsp(path)};
}

base::Result<OcspTarget> Contexts::ocsp_target_of(const std::string& path) const {
  const auto certificate = certificates_.find(path);
  if (!certificate) return base::Err("there is no such certificate");
  const std::string& id = certificate->stapling()->ocsp_id;
  if (id.empty() || !certificate->parts()) return base::Err("OCSP is not set up for it, or its issuer is not known");
  OcspTarget out{id, path, responder_of(certificate->parts()->leaf.get()), 0};
  if (out.uri.empty()) return base::Err("it names no OCSP responder");
  if (!HttpUri::parse(out.uri))
    return base::Err(fmt::format("its OCSP responder '{}' is not asked over HTTP", out.uri));
  if (auto answer = certificate->stapling()->ocsp.get()) out.expires = answer->expires;
  return out;
}

std::vector<OcspTarget> Contexts::ocsp_targets() const {
  std::vector<OcspTarget> out;
  std::unordered_set<std::string> seen;
  for (const auto& [bind, context] : binds_)
    for (const ShownCertificate& entry : context->selection().entries) {
      const std::string& path = entry.certificate->path();
      const StoredCertificate* stored = stores_.find(path);
      if (!entry.profile->settings().ocsp_update.value_or(config_->global.ocsp_update.mode) &&
          !(stored && stored->ocsp_update))
        continue;
      if (!seen.insert(path).second) continue;
      if (auto target = ocsp_target_of(path)) out.push_back(std::move(*target));
    }
  return out;
}

// What was asked for and cannot be; and names that are only known before a chroot.
void Contexts::check_ocsp_update(cfg::Diagnostics& diagnostics) {
  if (config_->global.ocsp_update.disabled) return;
  for (const auto& [bind, context] : binds_)
    for (const ShownCertificate& entry : context->selection().entries) {
      const std::string& path = entry.certificate->path();
      if (!entry.profile->settings().ocsp_update.value_or(false)) continue;
      if (auto target = ocsp_target_of(path); !target)
        diagnostics.warning(entry.line ? entry.line->file.loc : bind->location,
                            fmt::format("'ocsp-update': no answers for '{}': {}", path, target.error().text));
    }
  if (config_->global.chroot.empty()) return;
  for (const OcspTarget& target : ocsp_targets())
    if (const auto uri = HttpUri::parse(target.uri)) addresses_.find(uri->host, uri->port);
}

base::Status Contexts::expect_ocsp(const std::string& path) {
  const auto certificate = certificates_.find(path);
  if (!certificate || !certificate->stapling()->ocsp_id.empty()) return {};
  return replace(TRY(
      Certificate::make(path, certificate->contents(), {&chains_, config_->global.tls_files.skip_self_issued, true})));
}

base::Status Contexts::verify_ocsp_answer(const std::string& path, std::string_view der) const {
  const auto certificate = certificates_.find(path);
  const CertificatePtr issuer = certificate ? certificate->issuer() : nullptr;
  if (!issuer) return base::Err("its issuer is not known");
  return tls::verify_ocsp_answer(der, issuer.get());
}

int64_t Contexts::ocsp_expires(const std::string& id) const {
  int64_t expires = 0;
  certificates_.for_each([&](const Certificate& certificate) {
    if (certificate.stapling()->ocsp_id != id) return;
    if (auto answer = certificate.stapling()->ocsp.get()) expires = answer->expires;
  });
  return expires;
}

base::Status Contexts::set_ocsp_answer(std::string_view der) {
  const std::string id = TRY(ocsp_id_of(der));
  bool known = false;
  base::Status status;
  certificates_.for_each([&](const Certificate& certificate) {
    if (certificate.stapling()->ocsp_id != id) return;
    known = true;
    auto answer = read_ocsp_answer(der, id, std::time(nullptr));
    if (answer)
      certificate.stapling()->ocsp.set(std::make_shared<const OcspAnswer>(std::move(*answer)));
    else
      status = base::Err(answer.error());
  });
  if (!known) return base::Err("OCSP single response: Certificate ID does not match any certificate or issuer.");
  return status;
}

}  // namespace lbd::tls
