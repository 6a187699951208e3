#include "lbd/tls/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/fd.h"
#include "base/strings.h"

namespace lbd::tls {
namespace {

std::string text_of(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) return {};
  std::string out(reinterpret_cast<char*>(utf8), static_cast<size_t>(size));
  OPENSSL_free(utf8);
  return base::lower(out);
}

void add_name(std::vector<std::string>& names, const ASN1_STRING* text) {
  std::string name = text_of(text);
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

// All that haproxy answers to: the DNS names and the common names.
std::vector<std::string> names_of(const X509* leaf) {
  std::vector<std::string> names;
  std::unique_ptr<GENERAL_NAMES, FreeBy<GENERAL_NAMES_free>> alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives.get(), i);
    if (name->type == GEN_DNS) add_name(names, name->d.dNSName);
  }
  const X509_NAME* subject = X509_get_subject_name(leaf);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
    add_name(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  return names;
}

}  // namespace

base::Result<Certificate> parse_certificate(std::string path, std::string_view pem) {
  ERR_clear_error();
  Certificate out;
  out.path = std::move(path);
  out.key = KeyPtr(PEM_read_bio_PrivateKey(read_bio(pem).get(), nullptr, nullptr, nullptr));
  if (!out.key) return base::Err("no private key: " + take_error());
  BioPtr bio = read_bio(pem);
  out.leaf = CertificatePtr(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
  if (!out.leaf) return base::Err("no certificate: " + take_error());
  out.chain = ChainPtr(sk_X509_new_null());
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) sk_X509_push(out.chain.get(), next);
  ERR_clear_error();
  if (!X509_check_private_key(out.leaf.get(), out.key.get())) {
    ERR_clear_error();
    return base::Err("the private key is not that of the certificate");
  }
  out.names = names_of(out.leaf.get());
  return out;
}

base::Result<Certificate> load_certificate(const std::string& path) {
  return parse_certificate(path, TRY(base::read_file(path)));
}

}  // namespace lbd::tls
