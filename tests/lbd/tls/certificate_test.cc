#include "lbd/tls/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lbd/tls/pem.h"
#include "tests/support/test_certificates.h"

namespace lbd::tls {
namespace {

using support::KeyKind;
using support::TestCertificate;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(CertificateFiles files) {
  auto certificate = Certificate::parse("x", std::move(files));
  return certificate ? (*certificate)->error() : certificate.error().text;
}

class CertificateTest : public testing::TestWithParam<KeyKind> {
 protected:
  TestCertificate make(std::vector<std::string> names = {}) const {
    return TestCertificate({.common_name = "Main.Example", .names = std::move(names), .kind = GetParam()});
  }
};
INSTANTIATE_TEST_SUITE_P(Keys, CertificateTest, testing::Values(KeyKind::rsa, KeyKind::ec));

TEST_P(CertificateTest, NamesAndKindOfKey) {
  auto certificate = Certificate::parse("x", {.pem = make({"A.example", "*.b.example", "a.example"}).pem()});
  ASSERT_TRUE(certificate) << certificate.error().text;
  EXPECT_THAT((*certificate)->names(), ElementsAre("a.example", "*.b.example", "main.example"));
  EXPECT_EQ((*certificate)->key_type(), GetParam() == KeyKind::rsa ? KeyType::rsa : KeyType::ecdsa);
  ASSERT_TRUE((*certificate)->parts()) << (*certificate)->error();
  EXPECT_EQ(sk_X509_num((*certificate)->parts()->chain.get()), 0);
}

TEST_P(CertificateTest, TheKeyMayBeInAFileOfItsOwn) {
  TestCertificate own = make();
  EXPECT_EQ(error_of({.pem = own.certificate_pem(), .key = own.key_pem()}), "");
  EXPECT_EQ(error_of({.pem = own.certificate_pem()}), "there is no private key in it, nor beside it");
}

TEST_P(CertificateTest, TheKeyMustBeItsOwn) {
  EXPECT_EQ(error_of({.pem = make().certificate_pem() + make().key_pem()}),
            "its private key is not that of its certificate");
  TestCertificate rsa({.common_name = "a", .kind = KeyKind::rsa}), ec({.common_name = "a", .kind = KeyKind::ec});
  EXPECT_EQ(error_of({.pem = rsa.certificate_pem() + ec.key_pem()}), "its private key is not that of its certificate");
}

// The same without OpenSSL's help: nothing but the forms in which keys are usually written.
TEST_P(CertificateTest, KeysAreComparedInBothForms) {
  TestCertificate own = make(), other = make();
  std::string der;
  {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(own.certificate(), &bytes);
    der.assign(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
    OPENSSL_free(bytes);
  }
  auto facts = read_certificate(der);
  ASSERT_TRUE(facts);
  auto traditional = [](const TestCertificate& certificate) {
    return TestCertificate::written([&](BIO* bio) {
      PEM_write_bio_PrivateKey_traditional(bio, certificate.key(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  };
  for (const auto& [key, match] : {std::pair(own.key_pem(), KeyMatch::yes), std::pair(traditional(own), KeyMatch::yes),
                                   std::pair(other.key_pem(), KeyMatch::no)}) {
    auto blocks = read_pem(key);
    ASSERT_TRUE(blocks && !blocks->empty());
    EXPECT_EQ(match_key(blocks->back().der, *facts), match) << key;
  }
}

TEST(CertificateChainTest, WhatStandsBehindTheLeafIsTheChain) {
  TestCertificate root({.common_name = "root", .authority = true});
  TestCertificate middle({.common_name = "middle", .authority = true}, root);
  TestCertificate leaf({.common_name = "leaf"}, middle);
  auto certificate = Certificate::parse("x", {.pem = leaf.pem() + middle.certificate_pem() + root.certificate_pem()});
  ASSERT_TRUE(certificate);
  EXPECT_THAT((*certificate)->names(), ElementsAre("leaf"));
  EXPECT_EQ(sk_X509_num((*certificate)->parts()->chain.get()), 2);
}

TEST(CertificateErrorTest, EachSaysWhatIsWrong) {
  TestCertificate own({.common_name = "a"});
  EXPECT_EQ(error_of({.pem = "junk"}), "there is no certificate in it");
  EXPECT_EQ(error_of({.pem = own.key_pem()}), "there is no certificate in it");
  std::string damaged = own.pem();
  damaged.replace(damaged.find('\n') + 5, 1, "!");
  EXPECT_THAT(error_of({.pem = damaged}), HasSubstr("damaged PEM block"));
  std::string encrypted = TestCertificate::written([&](BIO* bio) {
    unsigned char phrase[] = "secret";
    PEM_write_bio_PKCS8PrivateKey(bio, own.key(), EVP_aes_128_cbc(), reinterpret_cast<char*>(phrase), 6, nullptr,
                                  nullptr);
  });
  EXPECT_EQ(error_of({.pem = own.certificate_pem() + encrypted}), "its private key is encrypted");
  EXPECT_THAT(error_of({.pem = own.pem(), .sctl = "xx"}), HasSubstr("signed certificate timestamps"));
  EXPECT_EQ(error_of({.pem = own.pem(), .sctl = std::string("\0\4\0\2ab", 6)}), "");
}

}  // namespace
}  // namespace lbd::tls
