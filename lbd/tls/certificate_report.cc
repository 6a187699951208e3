#include "lbd/tls/certificate_report.h"

#include <fmt/format.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <iterator>

#include "base/strings.h"
#include "lbd/tls/certificate_text.h"

namespace lbd::tls {
namespace {

using NumberPtr = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using IdPtr = std::unique_ptr<OCSP_CERTID, FreeBy<OCSP_CERTID_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, FreeBy<OCSP_RESPONSE_free>>;

// What a function of OpenSSL prints.
template <typename Print>
std::string printed(Print print) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio) return {};
  print(bio.get());
  char* text = nullptr;
  const long size = BIO_ctrl(bio.get(), BIO_CTRL_INFO, 0, &text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : std::string();
}

std::string time_of(const ASN1_TIME* time) {
  return printed([&](BIO* bio) { ASN1_TIME_print(bio, time); });
}

std::string number_of(const ASN1_INTEGER* number) {
  NumberPtr big(ASN1_INTEGER_to_BN(number, nullptr));
  char* text = big ? BN_bn2hex(big.get()) : nullptr;
  std::string out = text ? text : "";
  OPENSSL_free(text);
  return out;
}

// Kinds that haproxy does not know have OpenSSL's name.
std::string algorithm_of(const X509* certificate) {
  std::string text = key_text(certificate);
  const EVP_PKEY* key = text.empty() ? X509_get0_pubkey(certificate) : nullptr;
  if (const char* name = key ? EVP_PKEY_get0_type_name(key) : nullptr) text = name;
  return text;
}

std::string alternative_names(X509* certificate) {
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string out;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS) continue;
    if (!out.empty()) out += ", ";
    out += "DNS:";
    out.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
               static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
  return out;
}

std::string upper_hex(const ASN1_STRING* bytes) {
  std::string out;
  const unsigned char* at = ASN1_STRING_get0_data(bytes);
  for (int i = 0; i < ASN1_STRING_length(bytes); ++i) fmt::format_to(std::back_inserter(out), "{:02X}", at[i]);
  return out;
}

}  // namespace

std::string hexadecimal(std::string_view bytes) {
  std::string out;
  for (char byte : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<uint8_t>(byte));
  return out;
}

std::string report_certificate(X509* certificate) {
  std::string digest;
  for (char byte : sha1_of(certificate))
    fmt::format_to(std::back_inserter(digest), "{:02X}", static_cast<uint8_t>(byte));
  return fmt::format(
      "Serial: {}\nnotBefore: {}\nnotAfter: {}\nSubject Alternative Name: {}\nAlgorithm: {}\n"
      "SHA1 FingerPrint: {}\nSubject: {}\nIssuer: {}\n",
      number_of(X509_get0_serialNumber(certificate)), time_of(X509_get0_notBefore(certificate)),
      time_of(X509_get0_notAfter(certificate)), alternative_names(certificate), algorithm_of(certificate), digest,
      name_text(X509_get_subject_name(certificate)), name_text(X509_get_issuer_name(certificate)));
}

std::string report_chain(const STACK_OF(X509) * chain) {
  std::string out;
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509* each = sk_X509_value(chain, i);
    fmt::format_to(std::back_inserter(out), "Chain Subject: {}\nChain Issuer: {}\n",
                   name_text(X509_get_subject_name(each)), name_text(X509_get_issuer_name(each)));
  }
  return out;
}

std::string report_revocations(X509_CRL* list) {
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(list, nullptr, &algorithm);
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list);
  std::string out = fmt::format("Version {}\nSignature Algorithm: {}\nIssuer: {}\nLast Update: {}\nNext Update: {}\n",
                                X509_CRL_get_version(list) + 1, OBJ_nid2ln(X509_CRL_get_signature_nid(list)),
                                name_text(X509_CRL_get_issuer(list)), time_of(X509_CRL_get0_lastUpdate(list)),
                                next ? time_of(next) : "NONE");
  const STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(list);
  if (sk_X509_REVOKED_num(revoked) <= 0) return out + "No Revoked Certificates.\n";
  out += "Revoked Certificates:\n";
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
    const X509_REVOKED* each = sk_X509_REVOKED_value(revoked, i);
    fmt::format_to(std::back_inserter(out), "    Serial Number: {}\n        Revocation Date: {}\n",
                   number_of(X509_REVOKED_get0_serialNumber(each)), time_of(X509_REVOKED_get0_revocationDate(each)));
  }
  return out;
}

std::string report_ocsp_answer(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ResponsePtr response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  if (!response) {
    (void)take_error();
    return {};
  }
  const std::string text = printed([&](BIO* bio) { OCSP_RESPONSE_print(bio, response.get(), 0); });
  std::string out;
  for (std::string_view line : base::split(text, '\n')) {
    out += line.empty() ? std::string_view(" ") : line;
    out += '\n';
  }
  // Behind the last line feed there is nothing.
  if (out.ends_with(" \n")) out.resize(out.size() - 2);
  return out;
}

std::string report_ocsp_id(std::string_view id) {
  const auto* at = reinterpret_cast<const unsigned char*>(id.data());
  IdPtr parsed(d2i_OCSP_CERTID(nullptr, &at, static_cast<long>(id.size())));
  if (!parsed) return {};
  ASN1_OCTET_STRING *name = nullptr, *key = nullptr;
  ASN1_INTEGER* serial = nullptr;
  OCSP_id_get0_info(&name, nullptr, &key, &serial, parsed.get());
  return fmt::format(" Certificate ID:\n   Issuer Name Hash: {}\n   Issuer Key Hash: {}\n   Serial Number: {}\n",
                     upper_hex(name), upper_hex(key), number_of(serial));
}

}  // namespace lbd::tls
