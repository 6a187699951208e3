#include "lbd/tls/certificate_text.h"

#include <openssl/asn1.h>

#include "base/strings.h"

namespace lbd::tls {
namespace {

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<size_t>(ASN1_STRING_length(text))};
}

std::string kind_of(const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(entry);
  const int number = OBJ_obj2nid(object);
  if (const char* name = number == NID_undef ? nullptr : OBJ_nid2sn(number)) return name;
  char dotted[80];
  const int size = OBJ_obj2txt(dotted, sizeof dotted, object, 1);
  return size > 0 ? std::string(dotted) : std::string();
}

std::string_view short_name(int number) {
  const char* name = number == NID_undef ? nullptr : OBJ_nid2sn(number);
  return name ? std::string_view(name) : std::string_view();
}

}  // namespace

std::string name_text(const X509_NAME* name) {
  std::string out;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    out += '/' + kind_of(entry) + '=';
    out += bytes_of(X509_NAME_ENTRY_get_data(entry));
  }
  return out;
}

std::string name_rfc2253(const X509_NAME* name) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  char* text = nullptr;
  const long size = BIO_ctrl(bio.get(), BIO_CTRL_INFO, 0, &text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : std::string();
}

std::optional<std::string> name_part(const X509_NAME* name, std::string_view part, int64_t occurrence) {
  const int count = X509_NAME_entry_count(name);
  int64_t left = occurrence < 0 ? -occurrence : occurrence ? occurrence : 1;
  for (int i = 0; i < count; ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, occurrence < 0 ? count - 1 - i : i);
    if (base::iequals(kind_of(entry), part) && --left == 0)
      return std::string(bytes_of(X509_NAME_ENTRY_get_data(entry)));
  }
  return std::nullopt;
}

std::string time_text(const ASN1_TIME* time) {
  const std::string_view text = bytes_of(time);
  if (ASN1_STRING_type(time) == V_ASN1_UTCTIME) return std::string(text);
  // Four digits of the year, of which haproxy shows two.
  return text.size() >= 12 && text.starts_with("20") ? std::string(text.substr(2)) : std::string();
}

std::string serial_bytes(const X509* certificate) {
  return std::string(bytes_of(X509_get0_serialNumber(certificate)));
}

std::string certificate_der(const X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  std::string out(reinterpret_cast<char*>(bytes), static_cast<size_t>(size > 0 ? size : 0));
  OPENSSL_free(bytes);
  return out;
}

std::string sha1_of(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha1(), digest, &size) != 1) return {};
  return std::string(reinterpret_cast<char*>(digest), size);
}

std::string_view key_algorithm(const X509* certificate) {
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(certificate));
  return short_name(OBJ_obj2nid(algorithm));
}

std::string key_text(const X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (!key) return {};
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return "RSA" + std::to_string(EVP_PKEY_get_bits(key));
    case EVP_PKEY_EC:
      return "EC" + std::to_string(EVP_PKEY_get_bits(key));
    case EVP_PKEY_DSA:
      return "DSA" + std::to_string(EVP_PKEY_get_bits(key));
    default:
      return {};
  }
}

std::string_view signature_algorithm(const X509* certificate) {
  return short_name(X509_get_signature_nid(certificate));
}

}  // namespace lbd::tls
