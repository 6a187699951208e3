#include "lbd/tls/certificate_facts.h"

#include <gtest/gtest.h>

#include <ctime>

#include "lbd/tls/certificate_text.h"
#include "tests/support/test_certificates.h"

namespace lbd::tls {
namespace {

using support::TestCertificate;

TEST(CertificateFactsTest, ValidityIsThatOfOpenSsl) {
  constexpr long kYear = 365 * 86400L;
  // Written with two digits of the year, and with four of them: the two forms of RFC 5280.
  for (const long ends : {86400L, 40 * kYear}) {
    const TestCertificate made({.common_name = "x", .begins = -kYear, .ends = ends});
    const auto validity = read_validity(certificate_der(made.certificate()));
    ASSERT_TRUE(validity);
    std::tm begins{}, expected{};
    ASSERT_TRUE(ASN1_TIME_to_tm(X509_get0_notBefore(made.certificate()), &begins));
    ASSERT_TRUE(ASN1_TIME_to_tm(X509_get0_notAfter(made.certificate()), &expected));
    EXPECT_EQ(validity->begins, timegm(&begins));
    EXPECT_EQ(validity->ends, timegm(&expected));
  }
}

TEST(CertificateFactsTest, WhatIsNoValidity) {
  const std::string der = certificate_der(TestCertificate({.common_name = "x"}).certificate());
  ASSERT_TRUE(read_validity(der));
  EXPECT_FALSE(read_validity(der.substr(0, 20)));
  EXPECT_FALSE(read_validity(""));
  // The month of notBefore; its tag, its length, then the year.
  std::string wrong = der;
  const size_t time = wrong.find("\x17\x0d");
  ASSERT_NE(time, std::string::npos);
  wrong[time + 4] = '9';
  EXPECT_FALSE(read_validity(wrong));
}

TEST(CertificateFactsTest, PrincipalsAreCalledByTheirCommonName) {
  const std::string der = certificate_der(TestCertificate({.common_name = "Main.Example"}).certificate());
  const auto facts = read_certificate(der);
  ASSERT_TRUE(facts);
  EXPECT_EQ(principal_of(facts->subject), "Main.Example");
  EXPECT_EQ(principal_of(""), "");
  using namespace std::string_literals;
  const std::string organisation = "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x0a\x0c\x02\x41\x42"s;
  EXPECT_EQ(principal_of(organisation), "AB");
}

}  // namespace
}  // namespace lbd::tls
