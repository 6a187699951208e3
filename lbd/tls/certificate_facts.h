// What is wanted of a certificate before anybody asks for it: the names it is for, the kind of its key, and whether a
// private key is its own. Read from DER without OpenSSL, since there may be ten thousands of them (see der.h).
// Pure. Thread: any. RFC 5280 (certificates), 5958 and 8017 (keys of RSA), 5915 (keys of curves).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lbd::tls {

enum class KeyType : uint8_t { rsa, ecdsa, dsa, other };

struct CertificateFacts {
  std::string_view serial, issuer, subject;  // DER; issuer and subject whole, the number without its header
  std::string_view public_key;               // the bits of the key, without the count of unused ones
  KeyType key_type = KeyType::other;
  // Lower case, each once: DNS names and common names; wildcards as "*.example.org".
  std::vector<std::string> names;
};

// Borrows the bytes. Nothing: it is not a certificate.
std::optional<CertificateFacts> read_certificate(std::string_view der);

// Seconds since 1970.
struct Validity {
  int64_t begins = 0, ends = 0;
};
// Nothing: it is not a certificate, or its times are written as RFC 5280 does not allow.
std::optional<Validity> read_validity(std::string_view der);

// How people call whom a name (the DER of a subject or issuer) stands for: the last common name, else organisation,
// else unit, as it is written; "": it has none of them.
std::string principal_of(std::string_view name);

enum class KeyMatch : uint8_t { yes, no, unknown };

// Whether a private key in DER (PKCS #8, or what "RSA PRIVATE KEY" and "EC PRIVATE KEY" hold) is that of the public
// one. Unknown: of another kind, or without its public part; OpenSSL has to say.
KeyMatch match_key(std::string_view private_key, const CertificateFacts& facts);

}  // namespace lbd::tls
