// Verification of client certificates through whole handshakes.
#include <gtest/gtest.h>

#include "lbd/tls/contexts.h"
#include "lbd/tls/notes.h"
#include "tests/support/handshake.h"
#include "tests/support/load_config.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace lbd::tls {
namespace {

using support::Handshake;
using support::TestCertificate;

class VerificationTest : public testing::Test {
 protected:
  VerificationTest() {
    folder_.file("s.pem", server_.pem());
    folder_.file("ca.pem", authority_.certificate_pem());
    folder_.file("other.pem", TestCertificate({.common_name = "other", .authority = true}).certificate_pem());
    folder_.file("crl.pem", authority_.revocation_list_pem({&revoked_}));
  }
  SSL_CTX* bind(std::string words) {
    std::string text =
        std::string(support::kHttpDefaults) + "frontend f\n bind 127.0.0.1:1 ssl crt $D/s.pem " + words + "\n";
    for (size_t at; (at = text.find("$D")) != std::string::npos;) text.replace(at, 2, folder_.path());
    loaded_ = support::load_config(text);
    contexts_ = std::make_unique<Contexts>();
    contexts_->load(*loaded_.config, 1, loaded_.diagnostics);
    return contexts_->of(loaded_.bind());
  }
  // "" or the error that the server noted. With `then` it looks at the server's side.
  template <typename Then>
  std::string connect(SSL_CTX* context, const TestCertificate* shown, Then then) {
    Handshake handshake(context, client_.get());
    if (shown) SSL_use_cert_and_key(handshake.client.get(), shown->certificate(), shown->key(), nullptr, 1);
    const bool done = handshake.run();
    then(handshake.server.get());
    return done ? "" : handshake.server_error;
  }
  std::string connect(SSL_CTX* context, const TestCertificate* shown) {
    return connect(context, shown, [](SSL*) {});
  }

  support::TempFolder folder_;
  TestCertificate server_{{.common_name = "server"}};
  TestCertificate authority_{{.common_name = "ca", .authority = true}};
  TestCertificate right_{{.common_name = "right"}, authority_};
  TestCertificate revoked_{{.common_name = "revoked"}, authority_};
  TestCertificate expired_{{.common_name = "expired", .begins = -7200, .ends = -3600}, authority_};
  TestCertificate alone_{{.common_name = "alone"}};
  support::ContextHandle client_ = support::client_context();
  support::LoadedConfig loaded_;
  std::unique_ptr<Contexts> contexts_;
};

TEST_F(VerificationTest, Required) {
  SSL_CTX* context = bind("ca-file $D/ca.pem verify required");
  ASSERT_TRUE(context) << loaded_.said();
  EXPECT_EQ(connect(context, &right_), "");
  EXPECT_EQ(connect(context, &alone_), "certificate verify failed");
  EXPECT_EQ(connect(context, &expired_), "certificate verify failed");
  EXPECT_EQ(connect(context, nullptr), "peer did not return a certificate");
}

TEST_F(VerificationTest, OptionalTakesNoneButNotAWrongOne) {
  SSL_CTX* context = bind("ca-file $D/ca.pem verify optional");
  EXPECT_EQ(connect(context, nullptr), "");
  EXPECT_EQ(connect(context, &right_), "");
  EXPECT_EQ(connect(context, &alone_), "certificate verify failed");
}

TEST_F(VerificationTest, IgnoredErrorsAreNoted) {
  SSL_CTX* context = bind("ca-file $D/ca.pem verify optional crt-ignore-err all");
  auto expect = [&](const TestCertificate* shown, int error) {
    EXPECT_EQ(connect(context, shown,
                      [&](SSL* ssl) {
                        const Notes* notes = find_notes(ssl);
                        EXPECT_EQ(notes ? notes->verification.crt_error : 0, error);
                      }),
              "");
  };
  expect(&expired_, X509_V_ERR_CERT_HAS_EXPIRED);
  expect(&alone_, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
  expect(&right_, 0);
  context = bind("ca-file $D/ca.pem verify required crt-ignore-err X509_V_ERR_CERT_HAS_EXPIRED,18");
  ASSERT_TRUE(context) << loaded_.said();
  EXPECT_EQ(connect(context, &expired_), "");
  EXPECT_EQ(connect(context, &alone_), "");
  EXPECT_EQ(connect(bind("ca-file $D/ca.pem verify required crt-ignore-err 18"), &expired_),
            "certificate verify failed");
}

TEST_F(VerificationTest, RevokedOnesAreRefused) {
  SSL_CTX* context = bind("ca-file $D/ca.pem verify required crl-file $D/crl.pem");
  ASSERT_TRUE(context) << loaded_.said();
  EXPECT_EQ(connect(context, &right_), "");
  EXPECT_EQ(connect(context, &revoked_), "certificate verify failed");
}

TEST_F(VerificationTest, NamesOfAuthorities) {
  auto names = [&](SSL_CTX* context) {
    int count = -1;
    Handshake handshake(context, client_.get());
    SSL_set_cert_cb(
        handshake.client.get(),
        [](SSL* ssl, void* out) {
          *static_cast<int*>(out) = std::max(0, sk_X509_NAME_num(SSL_get0_peer_CA_list(ssl)));
          return 1;
        },
        &count);
    handshake.run();
    return count;
  };
  EXPECT_EQ(names(bind("ca-file $D/ca.pem verify optional")), 1);
  EXPECT_EQ(names(bind("ca-file $D/ca.pem ca-verify-file $D/other.pem verify optional")), 1);
  EXPECT_EQ(names(bind("ca-file $D/ca.pem verify optional no-ca-names")), 0);
  EXPECT_EQ(names(bind("ca-verify-file $D/ca.pem verify optional")), 0);
}

TEST_F(VerificationTest, AFolderOfAuthorities) {
  folder_.file("cas/one.pem", authority_.certificate_pem());
  folder_.file("cas/two.crt", alone_.certificate_pem());
  folder_.file("cas/readme", "not looked at");
  SSL_CTX* context = bind("ca-file $D/cas verify required");
  ASSERT_TRUE(context) << loaded_.said();
  EXPECT_EQ(connect(context, &right_), "");
  EXPECT_EQ(connect(context, &alone_), "");
}

TEST_F(VerificationTest, AuthoritiesOfALineOfACrtList) {
  std::string list = folder_.path() + "/s.pem [verify none]\n" + folder_.path() + "/s.pem [ca-file " + folder_.path() +
                     "/ca.pem verify required] strict.example\n";
  folder_.file("list", list);
  folder_.file("s2.pem", server_.pem());
  SSL_CTX* context = bind("crt-list $D/list");
  ASSERT_TRUE(context) << loaded_.said();
  Handshake open(context, client_.get(), "open.example");
  EXPECT_TRUE(open.run());
  Handshake strict(context, client_.get(), "strict.example");
  EXPECT_FALSE(strict.run());
  EXPECT_EQ(strict.server_error, "peer did not return a certificate");
  Handshake good(context, client_.get(), "strict.example");
  SSL_use_cert_and_key(good.client.get(), right_.certificate(), right_.key(), nullptr, 1);
  EXPECT_TRUE(good.run()) << good.server_error;
}

TEST_F(VerificationTest, ErrorsOfALine) {
  EXPECT_FALSE(bind("verify required"));
  EXPECT_TRUE(loaded_.says("no authority is given")) << loaded_.said();
  EXPECT_FALSE(bind("verify required ca-file $D/none.pem"));
  EXPECT_TRUE(loaded_.says("none.pem: No such file or directory")) << loaded_.said();
  EXPECT_FALSE(bind("verify required ca-file $D/ca.pem ca-ignore-err 5,foo"));
  EXPECT_TRUE(loaded_.says("'ca-ignore-err': 'foo' is not the number or the name of an error")) << loaded_.said();
}

}  // namespace
}  // namespace lbd::tls
