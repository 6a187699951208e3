#include "lbd/tls/certificate_text.h"

#include <gtest/gtest.h>

#include "tests/support/test_certificates.h"

namespace lbd::tls {
namespace {

// What haproxy 2.6 shows for a subject such as this.
TEST(CertificateTextTest, Names) {
  std::unique_ptr<X509_NAME, FreeBy<X509_NAME_free>> name(X509_NAME_new());
  auto add = [&](const char* kind, const char* value) {
    X509_NAME_add_entry_by_txt(name.get(), kind, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value), -1, -1,
                               0);
  };
  add("C", "FR");
  add("ST", "Ile, de");
  add("OU", "A");
  add("OU", "B1");
  add("OU", "B2");
  add("CN", "cli \xc3\xa9nt");
  add("1.2.3.4", "own");
  const X509_NAME* n = name.get();
  EXPECT_EQ(name_text(n), "/C=FR/ST=Ile, de/OU=A/OU=B1/OU=B2/CN=cli \xc3\xa9nt/1.2.3.4=own");
  EXPECT_EQ(name_part(n, "CN", 0), "cli \xc3\xa9nt");
  EXPECT_EQ(name_part(n, "ou", 1), "A");
  EXPECT_EQ(name_part(n, "OU", 2), "B1");
  EXPECT_EQ(name_part(n, "OU", -1), "B2");
  EXPECT_EQ(name_part(n, "OU", -2), "B1");
  EXPECT_EQ(name_part(n, "OU", 4), std::nullopt);
  EXPECT_EQ(name_part(n, "XX", 0), std::nullopt);
  EXPECT_EQ(name_part(n, "2.5.4.3", 0), std::nullopt);
  EXPECT_EQ(name_part(n, "1.2.3.4", 0), "own");
  EXPECT_TRUE(name_rfc2253(n).ends_with("CN=cli \\C3\\A9nt,OU=B2,OU=B1,OU=A,ST=Ile\\, de,C=FR")) << name_rfc2253(n);
}

TEST(CertificateTextTest, Times) {
  auto text = [](const char* time) {
    std::unique_ptr<ASN1_TIME, FreeBy<ASN1_TIME_free>> object(ASN1_TIME_new());
    EXPECT_EQ(ASN1_TIME_set_string(object.get(), time), 1);
    return time_text(object.get());
  };
  EXPECT_EQ(text("260131235959Z"), "260131235959Z");
  EXPECT_EQ(text("20510131235959Z"), "510131235959Z");
  EXPECT_EQ(text("21510131235959Z"), "");
}

TEST(CertificateTextTest, AlgorithmsAndBytes) {
  const support::TestCertificate rsa({.common_name = "a", .kind = support::KeyKind::rsa});
  EXPECT_EQ(key_algorithm(rsa.certificate()), "rsaEncryption");
  EXPECT_EQ(signature_algorithm(rsa.certificate()), "RSA-SHA256");
  EXPECT_EQ(sha1_of(rsa.certificate()).size(), 20u);
  EXPECT_GT(certificate_der(rsa.certificate()).size(), 500u);
  EXPECT_EQ(serial_bytes(rsa.certificate()).size(), 1u);
  const support::TestCertificate ec({.common_name = "a"});
  EXPECT_EQ(key_algorithm(ec.certificate()), "id-ecPublicKey");
  EXPECT_EQ(signature_algorithm(ec.certificate()), "ecdsa-with-SHA256");
}

}  // namespace
}  // namespace lbd::tls
