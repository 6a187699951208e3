#include "lbd/tls/issuer_chains.h"

#include "base/fd.h"
#include "lbd/tls/certificate_facts.h"
#include "lbd/tls/certificate_files.h"
#include "lbd/tls/pem.h"

namespace lbd::tls {

base::Status IssuerChains::load(const std::string& folder) {
  for (const std::string& path : TRY(certificate_paths(folder, {}))) {
    const std::string text = TRY(base::read_file(path));
    auto blocks = read_pem(text);
    if (!blocks) return base::Err(path + ": " + blocks.error().text);
    Chain chain;
    for (PemBlock& block : *blocks)
      if (block.is_certificate()) chain.push_back(std::move(block.der));
    if (chain.empty()) continue;
    auto facts = read_certificate(chain.front());
    if (!facts) return base::Err(path + ": a damaged certificate");
    std::string subject(facts->subject);
    by_subject_.emplace(std::move(subject), std::move(chain));
  }
  return {};
}

const IssuerChains::Chain* IssuerChains::find(std::string_view issuer) const {
  auto found = by_subject_.find(std::string(issuer));
  return found == by_subject_.end() ? nullptr : &found->second;
}

}  // namespace lbd::tls
