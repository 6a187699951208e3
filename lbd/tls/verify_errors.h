// Errors of the verification of certificates (X509_V_ERR_*) by number and by name, and sets of them that a bind line
// ignores. Pure. Thread: any. Manual: 5.1 (ca-ignore-err, crt-ignore-err).
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace lbd::tls {

// "10" or "X509_V_ERR_CERT_HAS_EXPIRED".
std::optional<int> verify_error(std::string_view text);
std::string_view verify_error_name(int number);  // "": there is none

class IgnoredErrors {
 public:
  static constexpr int kErrors = 128;

  // "all", or errors between commas.
  static base::Result<IgnoredErrors> parse(std::string_view list);
  bool has(int error) const { return error >= 0 && error < kErrors && errors_[static_cast<size_t>(error)]; }

 private:
  std::bitset<kErrors> errors_;
};

}  // namespace lbd::tls
