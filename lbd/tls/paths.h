// Paths of TLS files: what a line names without a folder stands in the one that crt-base or ca-base says (manual 3.1).
#pragma once

#include <string>

#include "lbd/config/tls.h"

namespace lbd::tls {

// "" for a word that was not written. Words such as "@system-ca" are no paths.
inline std::string in_base(const config::TlsWord& word, const std::string& base) {
  if (!word || base.empty() || word->text.starts_with('/') || word->text.starts_with('@'))
    return word ? word->text : "";
  return base + "/" + word->text;
}

}  // namespace lbd::tls
