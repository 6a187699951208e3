// What a certificate says, in the forms in which haproxy shows it. Pure. Thread: any; the X509 is not changed.
// Manual: 7.3.4 (ssl_c_*, ssl_f_*, ssl_s_*).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lbd/tls/openssl.h"

namespace lbd::tls {

// "/C=FR/O=Acme/CN=x", every part as it stands in the certificate.
std::string name_text(const X509_NAME* name);
// RFC 2253: the last part first.
std::string name_rfc2253(const X509_NAME* name);
// The value of a part ("CN", in any case, or a dotted number for what has no short name). occurrence: 1 the first, 2
// the second; -1 the last; 0 the first.
std::optional<std::string> name_part(const X509_NAME* name, std::string_view part, int64_t occurrence);

// "260131235959Z"; "" for what no clock shows.
std::string time_text(const ASN1_TIME* time);
std::string serial_bytes(const X509* certificate);
std::string certificate_der(const X509* certificate);
std::string sha1_of(const X509* certificate);
std::string_view key_algorithm(const X509* certificate);        // "rsaEncryption"
std::string key_text(const X509* certificate);                  // "RSA2048"; "" for rare kinds
std::string_view signature_algorithm(const X509* certificate);  // "RSA-SHA256"

}  // namespace lbd::tls
