// IssuerChains: chains of intermediate certificates by the subject of their first one, for certificates whose own file
// has none. Owner: Contexts. Life: as the configuration's. Thread: filled by one, read by any.
// Errors: Result, with the path. Manual: 3.1 (issuers-chain-path).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace lbd::tls {

class IssuerChains {
 public:
  using Chain = std::vector<std::string>;  // DER, the issuer of a leaf first

  // Every file of a folder that begins with a certificate.
  base::Status load(const std::string& folder);
  // Null: there is none. `issuer`: the whole name in DER.
  const Chain* find(std::string_view issuer) const;

 private:
  std::unordered_map<std::string, Chain> by_subject_;
};

}  // namespace lbd::tls
