// OCSP answers that are stapled to certificates (RFC 6960, RFC 6066, 8): whether one may be shown.
// Pure but for the clock that is given. Thread: any. Errors: Result, saying what is wrong with the answer.
// Manual: 5.1 (crt: ".ocsp"); management 9.3 (set ssl ocsp-response).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

struct OcspAnswer {
  std::string der;
  int64_t expires = 0;  // seconds since 1970; 0: never
};

// DER of the OCSP CertID (SHA-1) of a certificate: what tells answers apart.
std::string ocsp_id(const X509* leaf, const X509* issuer);

// An answer as bytes that speaks well of one certificate, now; `id` as of ocsp_id().
base::Result<OcspAnswer> read_ocsp_answer(std::string_view der, std::string_view id, int64_t now);

// Whether the issuer of the certificate, or whom it has charged with answering, has signed it.
base::Status verify_ocsp_answer(std::string_view der, X509* issuer);

// The id of the certificate of which an answer speaks.
base::Result<std::string> ocsp_id_of(std::string_view der);

}  // namespace lbd::tls
