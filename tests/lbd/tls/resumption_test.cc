// Resumption of sessions, from clients and to servers, and what is stapled to certificates, through whole handshakes.
#include <gtest/gtest.h>
#include <openssl/ocsp.h>

#include "lbd/tls/contexts.h"
#include "tests/support/handshake.h"
#include "tests/support/load_config.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace lbd::tls {
namespace {

using support::Handshake;
using support::TestCertificate;

class ResumptionTest : public testing::Test {
 protected:
  ResumptionTest() {
    folder_.file("s.pem", server_.pem());
    folder_.file("ca.pem", authority_.certificate_pem());
  }
  bool load(std::string text) {
    text = support::kHttpDefaults + text;
    for (size_t at; (at = text.find("$D")) != std::string::npos;) text.replace(at, 2, folder_.path());
    loaded_ = support::load_config(text);
    contexts_ = std::make_unique<Contexts>();
    contexts_->load(*loaded_.config, 2, loaded_.diagnostics);
    return !loaded_.diagnostics.has_errors();
  }
  SSL_CTX* bind(const std::string& words) {
    return load("frontend f\n bind 127.0.0.1:1 ssl crt $D/s.pem " + words + "\n") ? contexts_->of(loaded_.bind())
                                                                                  : nullptr;
  }
  // Whether a second connection resumes the session of a first one.
  bool resumes(SSL_CTX* first, SSL_CTX* second, int version = TLS1_3_VERSION, const char* name = "a.example") {
    support::ContextHandle client = support::client_context();
    SSL_CTX_set_max_proto_version(client.get(), version);
    Handshake one(first, client.get(), name);
    EXPECT_TRUE(one.run()) << one.server_error << one.client_error;
    Handshake two(second, client.get(), name);
    SSL_SESSION* session = SSL_get1_session(one.client.get());
    SSL_set_session(two.client.get(), session);
    SSL_SESSION_free(session);
    EXPECT_TRUE(two.run()) << two.server_error << two.client_error;
    return SSL_session_reused(two.server.get());
  }

  support::TempFolder folder_;
  TestCertificate authority_{{.common_name = "ca", .authority = true}};
  TestCertificate server_{{.common_name = "server", .names = {"a.example", "b.example"}}, authority_};
  support::LoadedConfig loaded_;
  std::unique_ptr<Contexts> contexts_;
};

TEST_F(ResumptionTest, ByTicketAndByNumber) {
  SSL_CTX* context = bind("");
  ASSERT_TRUE(context) << loaded_.said();
  EXPECT_TRUE(resumes(context, context));
  EXPECT_TRUE(resumes(context, context, TLS1_2_VERSION));
  context = bind("no-tls-tickets");
  EXPECT_TRUE(resumes(context, context));
  EXPECT_TRUE(resumes(context, context, TLS1_2_VERSION));
}

// Each ticket of TLS 1.3 is used once, so a resumed session brings another.
TEST_F(ResumptionTest, AgainAndAgain) {
  SSL_CTX* context = bind("");
  ASSERT_TRUE(context) << loaded_.said();
  support::ContextHandle client = support::client_context();
  SSL_SESSION* session = nullptr;
  for (int turn = 0; turn < 4; ++turn) {
    Handshake handshake(context, client.get(), "a.example");
    SSL_set_session(handshake.client.get(), session);
    SSL_SESSION_free(session);
    EXPECT_TRUE(handshake.run()) << handshake.server_error << handshake.client_error;
    EXPECT_EQ(SSL_session_reused(handshake.server.get()), turn > 0);
    session = SSL_get1_session(handshake.client.get());
  }
  SSL_SESSION_free(session);
}

TEST_F(ResumptionTest, NotWhereNothingIsKept) {
  ASSERT_TRUE(load("frontend f\n bind 127.0.0.1:1 ssl no-tls-tickets crt $D/s.pem\nglobal\n tune.ssl.cachesize 0\n"));
  SSL_CTX* context = contexts_->of(loaded_.bind());
  EXPECT_FALSE(resumes(context, context, TLS1_2_VERSION));
}

TEST_F(ResumptionTest, OnAnotherLineThatVerifiesAlike) {
  ASSERT_TRUE(
      load("frontend f\n bind 127.0.0.1:1 ssl crt $D/s.pem\n bind 127.0.0.1:2 ssl crt $D/s.pem\n"
           " bind 127.0.0.1:3 ssl crt $D/s.pem ca-file $D/ca.pem verify optional\n"))
      << loaded_.said();
  SSL_CTX* first = contexts_->of(loaded_.bind(0));
  EXPECT_TRUE(resumes(first, contexts_->of(loaded_.bind(1))));
  EXPECT_FALSE(resumes(first, contexts_->of(loaded_.bind(2))));
}

TEST_F(ResumptionTest, WithTheKeyBeforeTheOneInUse) {
  SSL_CTX* context = bind("");
  support::ContextHandle client = support::client_context();
  auto reused = [&](SSL_SESSION* session) {
    Handshake handshake(context, client.get());
    SSL_set_session(handshake.client.get(), session);
    EXPECT_TRUE(handshake.run()) << handshake.server_error;
    return SSL_session_reused(handshake.server.get()) == 1;
  };
  Handshake first(context, client.get());
  ASSERT_TRUE(first.run());
  SessionPtr session(SSL_get1_session(first.client.get()));
  contexts_->ticket_keys().rotate(std::time(nullptr), TicketKey::random());
  EXPECT_TRUE(reused(session.get()));
  contexts_->ticket_keys().rotate(std::time(nullptr), TicketKey::random());
  EXPECT_FALSE(reused(session.get()));
}

TEST_F(ResumptionTest, KeysOfAFile) {
  folder_.file("keys",
               "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\n"
               "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC\n"
               "Q0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0ND\n");
  ASSERT_TRUE(
      load("frontend f\n bind 127.0.0.1:1 ssl crt $D/s.pem tls-ticket-keys $D/keys\n"
           " bind 127.0.0.1:2 ssl crt $D/s.pem tls-ticket-keys $D/keys\n"
           " bind 127.0.0.1:3 ssl crt $D/s.pem\n"))
      << loaded_.said();
  SSL_CTX* first = contexts_->of(loaded_.bind(0));
  EXPECT_TRUE(resumes(first, contexts_->of(loaded_.bind(1)), TLS1_2_VERSION));
  EXPECT_FALSE(resumes(first, contexts_->of(loaded_.bind(2)), TLS1_2_VERSION));
  EXPECT_FALSE(bind("tls-ticket-keys $D/ca.pem"));
  EXPECT_TRUE(loaded_.says("'tls-ticket-keys': ")) << loaded_.said();
}

class ServerSideTest : public ResumptionTest {
 protected:
  ServerSideTest() {
    SSL_CTX_use_cert_and_key(origin_.get(), server_.certificate(), server_.key(), nullptr, 1);
    SSL_CTX_set_session_id_context(origin_.get(), reinterpret_cast<const unsigned char*>("x"), 1);
  }
  bool server(const std::string& words) { return load("backend b\n server s 127.0.0.1:1 ssl " + words + "\n"); }
  // Connects a worker to the origin with a server name: the error, or "new" or "reused".
  std::string connect(uint32_t worker, const std::string& name) {
    Handshake handshake(origin_.get(), contexts_->of(loaded_.server()));
    contexts_->prepare(handshake.client.get(), loaded_.server(), worker, name);
    if (!handshake.run()) return handshake.client_error;
    asked_ = SSL_get_servername(handshake.server.get(), TLSEXT_NAMETYPE_host_name);
    return SSL_session_reused(handshake.client.get()) ? "reused" : "new";
  }

  support::ContextHandle origin_{SSL_CTX_new(TLS_server_method())};
  const char* asked_ = nullptr;
};

TEST_F(ServerSideTest, EachWorkerResumesItsOwnSession) {
  ASSERT_TRUE(server("verify none")) << loaded_.said();
  EXPECT_EQ(connect(0, "a.example"), "new");
  EXPECT_EQ(connect(0, "a.example"), "reused");
  EXPECT_EQ(connect(1, "a.example"), "new");
  EXPECT_EQ(connect(0, "b.example"), "new");  // another name
  EXPECT_EQ(connect(0, "b.example"), "reused");
  EXPECT_EQ(connect(0, "192.0.2.1"), "new");
  EXPECT_EQ(asked_, nullptr);  // an address is no name
  ASSERT_TRUE(server("verify none no-ssl-reuse"));
  EXPECT_EQ(connect(0, "a.example"), "new");
  EXPECT_EQ(connect(0, "a.example"), "new");
}

TEST_F(ServerSideTest, Verification) {
  ASSERT_TRUE(server("ca-file $D/ca.pem")) << loaded_.said();
  EXPECT_EQ(connect(0, "a.example"), "new");
  EXPECT_EQ(connect(0, "c.example"), "certificate verify failed");
  EXPECT_EQ(connect(1, ""), "new");  // without a name any will do
  ASSERT_TRUE(server("ca-file $D/ca.pem verify required verifyhost c.example"));
  EXPECT_EQ(connect(0, ""), "certificate verify failed");
  EXPECT_EQ(connect(0, "a.example"), "new");  // the server name goes first
  folder_.file("other.pem", TestCertificate({.common_name = "other", .authority = true}).certificate_pem());
  ASSERT_TRUE(server("ca-file $D/other.pem"));
  EXPECT_EQ(connect(0, "a.example"), "certificate verify failed");
}

TEST_F(ServerSideTest, VerificationIsTheDefaultAndNeedsAnAuthority) {
  EXPECT_FALSE(server(""));
  EXPECT_TRUE(loaded_.says("servers are verified by default, but no 'ca-file' is given")) << loaded_.said();
  EXPECT_TRUE(load("global\n ssl-server-verify none\nbackend b\n server s 127.0.0.1:1 ssl\n")) << loaded_.said();
  EXPECT_FALSE(server("ca-file $D/none.pem"));
  EXPECT_TRUE(loaded_.says("none.pem: No such file")) << loaded_.said();
}

TEST_F(ServerSideTest, OurOwnCertificate) {
  SSL_CTX_set_verify(origin_.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  ASSERT_TRUE(server("verify none crt $D/s.pem")) << loaded_.said();
  Handshake handshake(origin_.get(), contexts_->of(loaded_.server()));
  EXPECT_TRUE(handshake.run());
  EXPECT_EQ(Handshake::peer_of(handshake.server.get()), "server");
  EXPECT_FALSE(server("verify none crt $D/none.pem"));
  EXPECT_TRUE(loaded_.says("none.pem: No such file")) << loaded_.said();
}

class StaplingTest : public ResumptionTest {
 protected:
  std::string answer(int status, long expires = 3600) {
    OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha1(), server_.certificate(), authority_.certificate());
    OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
    ASN1_TIME *from = X509_gmtime_adj(nullptr, -7200), *until = X509_gmtime_adj(nullptr, expires);
    OCSP_basic_add1_status(basic, id, status, 0, from, from, until);
    OCSP_basic_sign(basic, authority_.certificate(), authority_.key(), EVP_sha256(), nullptr, 0);
    OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    std::string der = TestCertificate::written([&](BIO* bio) { i2d_OCSP_RESPONSE_bio(bio, response); });
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return der;
  }
  std::string stapled(int version = TLS1_3_VERSION) {
    support::ContextHandle client = support::client_context();
    SSL_CTX_set_max_proto_version(client.get(), version);
    Handshake handshake(contexts_->of(loaded_.bind()), client.get());
    SSL_set_tlsext_status_type(handshake.client.get(), TLSEXT_STATUSTYPE_ocsp);
    EXPECT_TRUE(handshake.run()) << handshake.server_error << handshake.client_error;
    const unsigned char* data = nullptr;
    const long size = SSL_get_tlsext_status_ocsp_resp(handshake.client.get(), &data);
    return size > 0 ? std::string(reinterpret_cast<const char*>(data), static_cast<size_t>(size)) : std::string();
  }
};

TEST_F(StaplingTest, AnswersFromAFile) {
  const std::string good = answer(V_OCSP_CERTSTATUS_GOOD);
  folder_.file("s.pem.ocsp", good);
  EXPECT_FALSE(bind(""));
  EXPECT_TRUE(loaded_.says("the issuer, which its OCSP answer needs")) << loaded_.said();
  folder_.file("s.pem.issuer", authority_.certificate_pem());
  ASSERT_TRUE(bind("")) << loaded_.said();
  EXPECT_EQ(loaded_.said(), "");
  EXPECT_EQ(stapled(), good);
  EXPECT_EQ(stapled(TLS1_2_VERSION), good);
}

TEST_F(StaplingTest, BadAnswersAreLeftOut) {
  folder_.file("s.pem.issuer", authority_.certificate_pem());
  auto warned = [&](const std::string& content, const char* text) {
    folder_.file("s.pem.ocsp", content);
    EXPECT_TRUE(bind("")) << loaded_.said();
    EXPECT_TRUE(loaded_.says(text)) << loaded_.said();
    EXPECT_EQ(stapled(), "");
  };
  warned("junk", "Unable to parse OCSP response.");
  warned(answer(V_OCSP_CERTSTATUS_REVOKED), "says that the certificate is revoked");
  warned(answer(V_OCSP_CERTSTATUS_GOOD, -3600), "has expired");
}

TEST_F(StaplingTest, AnAnswerMayComeLater) {
  const std::string good = answer(V_OCSP_CERTSTATUS_GOOD);
  folder_.file("s.pem.issuer", authority_.certificate_pem());
  ASSERT_TRUE(bind(""));
  EXPECT_FALSE(contexts_->set_ocsp_answer(good));  // no file asks for it
  folder_.file("s.pem.ocsp", "");
  ASSERT_TRUE(bind(""));
  EXPECT_EQ(stapled(), "");
  EXPECT_TRUE(contexts_->set_ocsp_answer(good));
  EXPECT_EQ(stapled(), good);
  EXPECT_FALSE(contexts_->set_ocsp_answer(answer(V_OCSP_CERTSTATUS_REVOKED)));
  EXPECT_EQ(stapled(), good);
}

TEST_F(StaplingTest, SignedCertificateTimestamps) {
  const std::string list("\0\4\0\2ab", 6);
  folder_.file("s.pem.sctl", list);
  ASSERT_TRUE(bind("")) << loaded_.said();
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    support::ContextHandle client = support::client_context();
    SSL_CTX_set_max_proto_version(client.get(), version);
    std::string got;
    SSL_CTX_add_custom_ext(
        client.get(), TLSEXT_TYPE_signed_certificate_timestamp,
        SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_CERTIFICATE,
        [](SSL*, unsigned, unsigned, const unsigned char**, size_t* size, X509*, size_t, int*, void*) {
          *size = 0;
          return 1;
        },
        nullptr, nullptr,
        [](SSL*, unsigned, unsigned, const unsigned char* in, size_t size, X509*, size_t, int*, void* out) {
          if (size) static_cast<std::string*>(out)->assign(reinterpret_cast<const char*>(in), size);
          return 1;
        },
        &got);
    Handshake handshake(contexts_->of(loaded_.bind()), client.get());
    EXPECT_TRUE(handshake.run()) << handshake.server_error << handshake.client_error;
    EXPECT_EQ(got, list);
  }
}

}  // namespace
}  // namespace lbd::tls
