// Certificates made when a test runs, so that none is kept that may expire: authorities, leaves, revocation lists.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <vector>

namespace support {

enum class KeyKind { rsa, ec };

struct CertificateWish {
  std::string common_name;
  std::vector<std::string> names = {};  // DNS names
  KeyKind kind = KeyKind::ec;
  bool authority = false;
  long begins = -3600, ends = 86400;  // seconds from now
};

// A certificate with its key; reference-counted by OpenSSL.
class TestCertificate {
 public:
  // Signed by itself.
  explicit TestCertificate(const CertificateWish& wish) : TestCertificate(wish, nullptr) {}
  TestCertificate(const CertificateWish& wish, const TestCertificate& issuer) : TestCertificate(wish, &issuer) {}

  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

  std::string certificate_pem() const {
    return written([&](BIO* bio) { PEM_write_bio_X509(bio, certificate_.get()); });
  }
  std::string key_pem() const {
    return written([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  std::string pem() const { return certificate_pem() + key_pem(); }

  // Signed by this authority.
  std::string revocation_list_pem(const std::vector<const TestCertificate*>& revoked) const {
    std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list(X509_CRL_new(), X509_CRL_free);
    X509_CRL_set_version(list.get(), 1);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get()));
    std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> now(ASN1_TIME_new(), ASN1_TIME_free);
    X509_gmtime_adj(now.get(), -3600);
    X509_CRL_set1_lastUpdate(list.get(), now.get());
    for (const TestCertificate* each : revoked) {
      X509_REVOKED* entry = X509_REVOKED_new();
      X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(each->certificate()));
      X509_REVOKED_set_revocationDate(entry, now.get());
      X509_CRL_add0_revoked(list.get(), entry);
    }
    X509_gmtime_adj(now.get(), 86400);
    X509_CRL_set1_nextUpdate(list.get(), now.get());
    X509_CRL_sign(list.get(), key_.get(), EVP_sha256());
    return written([&](BIO* bio) { PEM_write_bio_X509_CRL(bio, list.get()); });
  }

  template <typename Write>
  static std::string written(Write write) {
    std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
    write(bio.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<size_t>(size));
  }

 private:
  TestCertificate(const CertificateWish& wish, const TestCertificate* issuer)
      : key_(wish.kind == KeyKind::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), EVP_PKEY_free),
        certificate_(X509_new(), X509_free) {
    X509* x = certificate_.get();
    X509_set_version(x, 2);
    static long serial = 1;
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x), wish.begins);
    X509_gmtime_adj(X509_getm_notAfter(x), wish.ends);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer->certificate() : x));
    X509_set_pubkey(x, key_.get());
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer ? issuer->certificate() : x, x, nullptr, nullptr, 0);
    auto add = [&](int nid, const std::string& value) {
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
      X509_add_ext(x, extension, -1);
      X509_EXTENSION_free(extension);
    };
    add(NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add(NID_subject_key_identifier, "hash");
    if (issuer) add(NID_authority_key_identifier, "keyid");
    std::string names;
    for (const std::string& name : wish.names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
    if (!names.empty()) add(NID_subject_alt_name, names);
    X509_sign(x, issuer ? issuer->key() : key_.get(), EVP_sha256());
  }

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

}  // namespace support
