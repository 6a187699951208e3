#include "lbd/tls/session_text.h"

#include <gtest/gtest.h>

#include "tests/support/handshake.h"
#include "tests/support/test_certificates.h"

namespace lbd::tls {
namespace {

class SessionTextTest : public testing::TestWithParam<int> {
 protected:
  SessionTextTest() {
    SSL_CTX_use_cert_and_key(server_.get(), certificate_.certificate(), certificate_.key(), nullptr, 1);
    SSL_CTX_set_max_proto_version(client_.get(), GetParam());
  }
  support::TestCertificate certificate_{{.common_name = "a"}};
  support::ContextHandle server_{SSL_CTX_new(TLS_server_method())};
  support::ContextHandle client_ = support::client_context();
};
INSTANTIATE_TEST_SUITE_P(Versions, SessionTextTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(SessionTextTest, BothSidesSayTheSame) {
  support::Handshake handshake(server_.get(), client_.get());
  ASSERT_TRUE(handshake.run());
  SSL *ours = handshake.server.get(), *theirs = handshake.client.get();
  EXPECT_EQ(client_random(ours), client_random(theirs));
  EXPECT_EQ(client_random(ours).size(), 32u);
  EXPECT_EQ(server_random(ours), server_random(theirs));
  EXPECT_NE(server_random(ours), client_random(ours));
  EXPECT_EQ(unique_id(ours), unique_id(theirs));
  EXPECT_GE(unique_id(ours).size(), 12u);
  if (GetParam() == TLS1_2_VERSION) {
    EXPECT_EQ(session_key(ours), session_key(theirs));
  }
  EXPECT_GE(session_key(ours).size(), 32u);
  EXPECT_EQ(key_bits(ours, true), 256);
  EXPECT_EQ(agreed_protocol(ours), "");
  EXPECT_EQ(chain_der(theirs).empty(), false);
}

TEST_P(SessionTextTest, NamesOfCiphers) {
  SslPtr ssl(SSL_new(server_.get()));
  EXPECT_EQ(cipher_names(ssl.get(), std::string_view("\x13\x01\x0a\x0a\xc0\x2f\x00", 7)),
            "TLS_AES_128_GCM_SHA256,UNKNOWN(0a0a),ECDHE-RSA-AES128-GCM-SHA256");
  EXPECT_EQ(cipher_names(ssl.get(), ""), "");
}

}  // namespace
}  // namespace lbd::tls
