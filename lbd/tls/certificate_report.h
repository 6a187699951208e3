// Certificates, revocation lists and OCSP answers as lines of text for an operator, in haproxy's form. Pure.
// Thread: any. Manual: management.txt 9.3 (show ssl cert, show ssl ca-file, show ssl crl-file, show ssl ocsp-response).
#pragma once

#include <string>
#include <string_view>

#include "lbd/tls/openssl.h"

namespace lbd::tls {

std::string report_certificate(X509* certificate);
// Of what stands above a leaf.
std::string report_chain(const STACK_OF(X509) * chain);
std::string report_revocations(X509_CRL* list);
// As `openssl ocsp -text` prints it; "" when it is none. No line is empty: that would end an answer.
std::string report_ocsp_answer(std::string_view der);
// "Certificate ID: …", of an id as ocsp_id() makes it.
std::string report_ocsp_id(std::string_view id);

std::string hexadecimal(std::string_view bytes);

}  // namespace lbd::tls
