// Fetches on real TLS connections: what haproxy 2.6 gives for the same.
#include <fcntl.h>
#include <sys/socket.h>

#include "lbd/tls/contexts.h"
#include "lbd/tls/transport.h"
#include "tests/lbd/expr/fixture.h"
#include "tests/support/handshake.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace lbd::expr {
namespace {

using support::TestCertificate;

class TlsSessionTest : public ExprTest {
 protected:
  TlsSessionTest() {
    folder_.file("s.pem", shown_.pem());
    folder_.file("ca.pem", authority_.certificate_pem());
    tls_config_ = support::load_http(
        "global\n tune.ssl.capture-buffer-size 200\n tune.ssl.keylog on\n"
        "frontend f\n bind 127.0.0.1:1 ssl crt " +
        folder_.path() + "/s.pem ca-file " + folder_.path() +
        "/ca.pem verify optional crt-ignore-err all alpn h2,http/1.1\n");
    contexts_.load(*tls_config_.config, 1, tls_config_.diagnostics);
    EXPECT_EQ(tls_config_.said(), "");
  }
  ~TlsSessionTest() override {
    session_.tls_transport = nullptr;
    t_->server_tls = nullptr;
    for (int fd : ends_)
      if (fd >= 0) ::close(fd);
  }

  // A connection of a client; `prepare` gets its SSL.
  template <typename Prepare>
  void connect(Prepare prepare) {
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_), 0);
    ours_ = std::make_unique<tls::TlsTransport>(contexts_.of(tls_config_.bind()), tls::TlsTransport::Side::client);
    theirs_.reset(SSL_new(client_.get()));
    SSL_set_fd(theirs_.get(), ends_[1]);
    SSL_set_connect_state(theirs_.get());
    prepare(theirs_.get());
    for (int turn = 0; turn < 20 && !(SSL_is_init_finished(theirs_.get()) && ours_->established()); ++turn) {
      SSL_do_handshake(theirs_.get());
      if (ours_->handshake(ends_[0]).state == net::IoResult::State::error) break;
    }
    session_.tls = true;
    session_.tls_transport = ours_.get();
  }
  void connect() {
    connect([](SSL*) {});
  }

  support::TempFolder folder_;
  TestCertificate authority_{{.common_name = "ca", .authority = true}};
  TestCertificate shown_{{.common_name = "a.example"}};
  TestCertificate own_{{.common_name = "me"}, authority_};
  support::LoadedConfig tls_config_;
  tls::Contexts contexts_;
  support::ContextHandle client_ = support::client_context();
  int ends_[2] = {-1, -1};
  std::unique_ptr<tls::TlsTransport> ours_;
  support::SslHandle theirs_;
};

TEST_F(TlsSessionTest, TheSession) {
  connect([](SSL* ssl) {
    support::Handshake::set_name(ssl, "A.example");
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>("\x08http/1.1"), 9);
  });
  EXPECT_EQ(eval("ssl_fc_protocol"), "str TLSv1.3");
  EXPECT_EQ(eval("ssl_fc_cipher"), "str TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(eval("ssl_fc_use_keysize"), "int 256");
  EXPECT_EQ(eval("ssl_fc_alg_keysize"), "int 256");
  EXPECT_EQ(eval("ssl_fc_alpn"), "str http/1.1");
  EXPECT_EQ(eval("ssl_fc_has_sni"), "bool 1");
  EXPECT_EQ(eval("ssl_fc_sni"), "str A.example");
  EXPECT_EQ(eval("ssl_fc_is_resumed"), "bool 0");
  EXPECT_EQ(eval("ssl_fc_has_crt"), "bool 0");
  EXPECT_EQ(eval("ssl_fc_has_early"), "bool 0");
  EXPECT_EQ(eval("ssl_fc_err"), "int 0");
  EXPECT_EQ(eval("ssl_fc_err_str"), "-");
  EXPECT_EQ(eval("ssl_fc_npn"), "-");
  EXPECT_EQ(eval("ssl_fc_session_id,hex,length"), "int 64");
  EXPECT_EQ(eval("ssl_fc_session_key,hex,length"), "int 96");
  EXPECT_EQ(eval("ssl_fc_unique_id,hex,length"), "int 96");
  EXPECT_EQ(eval("ssl_fc_client_random,hex,length"), "int 64");
  EXPECT_NE(eval("ssl_fc_client_random,hex"), eval("ssl_fc_server_random,hex"));
  EXPECT_EQ(eval("ssl_fc_client_traffic_secret_0,length"), "int 96");
  EXPECT_EQ(eval("ssl_fc_exporter_secret,length"), "int 96");
  EXPECT_EQ(eval("ssl_fc_client_early_traffic_secret"), "-");
}

TEST_F(TlsSessionTest, TheHello) {
  connect([](SSL* ssl) {
    SSL_set_ciphersuites(ssl, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
    SSL_set_min_proto_version(ssl, TLS1_3_VERSION);
    SSL_set1_groups_list(ssl, "X25519:P-256");
  });
  EXPECT_EQ(eval("ssl_fc_protocol_hello_id"), "int 771");
  EXPECT_EQ(eval("ssl_fc_cipherlist_hex"), "str 1301130200FF");
  EXPECT_EQ(eval("ssl_fc_cipherlist_bin(1),be2dec(-,2)"), "str 4865-4866-255");
  EXPECT_EQ(eval("ssl_fc_cipherlist_str(0)"), "str TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_EMPTY_RENEGOTIATION_INFO_SCSV");
  EXPECT_EQ(eval("ssl_fc_eclist_bin(1),hex"), "str 001D0017");
  EXPECT_NE(eval("ssl_fc_extlist_bin,hex").find("000A"), std::string::npos);
  EXPECT_NE(eval("ssl_fc_cipherlist_xxh"), "-");
}

TEST_F(TlsSessionTest, TheCertificateThatWasShown) {
  connect();
  EXPECT_EQ(eval("ssl_f_s_dn"), "str /CN=a.example");
  EXPECT_EQ(eval("ssl_f_s_dn(CN)"), "str a.example");
  EXPECT_EQ(eval("ssl_f_s_dn(,0,rfc2253)"), "str CN=a.example");
  EXPECT_TRUE(eval("ssl_f_s_dn(,0,other)").starts_with("error: ")) << eval("ssl_f_s_dn(,0,other)");
  EXPECT_EQ(eval("ssl_f_version"), "int 3");
  EXPECT_EQ(eval("ssl_f_key_alg"), "str id-ecPublicKey");
  EXPECT_EQ(eval("ssl_f_sig_alg"), "str ecdsa-with-SHA256");
  EXPECT_EQ(eval("ssl_f_notafter,length"), "int 13");
  EXPECT_EQ(eval("ssl_f_sha1,hex,length"), "int 40");
  EXPECT_EQ(eval("ssl_c_used"), "bool 0");
  EXPECT_EQ(eval("ssl_c_verify"), "int 0");
  EXPECT_EQ(eval("ssl_c_s_dn"), "-");
}

TEST_F(TlsSessionTest, TheClientsCertificate) {
  connect([&](SSL* ssl) { SSL_use_cert_and_key(ssl, own_.certificate(), own_.key(), nullptr, 1); });
  EXPECT_EQ(eval("ssl_fc_has_crt"), "bool 1");
  EXPECT_EQ(eval("ssl_c_used"), "bool 1");
  EXPECT_EQ(eval("ssl_c_verify"), "int 0");
  EXPECT_EQ(eval("ssl_c_err"), "int 0");
  EXPECT_EQ(eval("ssl_c_s_dn(cn)"), "str me");
  EXPECT_EQ(eval("ssl_c_i_dn(CN,-1)"), "str ca");
  EXPECT_EQ(eval("ssl_c_i_dn(CN,2)"), "-");
  EXPECT_NE(eval("ssl_c_der,length"), "-");
  EXPECT_EQ(eval("ssl_c_chain_der"), "-");
}

TEST_F(TlsSessionTest, AnErrorThatWasIgnored) {
  TestCertificate expired({.common_name = "old", .begins = -7200, .ends = -3600}, authority_);
  connect([&](SSL* ssl) { SSL_use_cert_and_key(ssl, expired.certificate(), expired.key(), nullptr, 1); });
  EXPECT_EQ(eval("ssl_c_err"), "int 10");
  EXPECT_EQ(eval("ssl_c_ca_err"), "int 0");
  EXPECT_EQ(eval("ssl_c_ca_err_depth"), "int 0");
  EXPECT_EQ(eval("ssl_c_s_dn(CN)"), "str old");
}

// The same handshake seen from its other end: there the peer is a server.
TEST_F(TlsSessionTest, TheServersSide) {
  SSL_CTX* context = client_.get();
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_), 0);
  ours_ = std::make_unique<tls::TlsTransport>(context, tls::TlsTransport::Side::server);
  theirs_.reset(SSL_new(contexts_.of(tls_config_.bind())));
  SSL_set_fd(theirs_.get(), ends_[1]);
  SSL_set_accept_state(theirs_.get());
  for (int turn = 0; turn < 20 && !(SSL_is_init_finished(theirs_.get()) && ours_->established()); ++turn) {
    ours_->handshake(ends_[0]);
    SSL_do_handshake(theirs_.get());
  }
  t_->server_tls = ours_.get();
  EXPECT_EQ(eval_response("ssl_bc"), "bool 1");
  EXPECT_EQ(eval_response("ssl_bc_protocol"), "str TLSv1.3");
  EXPECT_EQ(eval_response("ssl_bc_is_resumed"), "bool 0");
  EXPECT_EQ(eval_response("ssl_s_s_dn(CN)"), "str a.example");
  EXPECT_EQ(eval_response("ssl_s_version"), "int 3");
  EXPECT_EQ(eval("ssl_fc"), "bool 0");
}

}  // namespace
}  // namespace lbd::expr
