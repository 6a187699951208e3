#include "lbd/tls/contexts.h"

#include <gtest/gtest.h>

#include "lbd/tls/notes.h"
#include "tests/support/handshake.h"
#include "tests/support/load_config.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace lbd::tls {
namespace {

using support::Handshake;
using support::KeyKind;
using support::LoadedConfig;
using support::TestCertificate;

class ContextsTest : public testing::Test {
 protected:
  // The words of a bind line behind "ssl"; $D is the folder of the files.
  SSL_CTX* bind(std::string words, const std::string& global = "") {
    loaded_ = support::load_config(in_folder("global\n" + global + "\n" + support::kHttpDefaults +
                                             "frontend f\n bind 127.0.0.1:1 ssl " + words + "\n"));
    return load() ? contexts_->of(loaded_.bind()) : nullptr;
  }
  SSL_CTX* server(std::string words, const std::string& global = "") {
    loaded_ = support::load_config(in_folder("global\n" + global + "\n" + support::kHttpDefaults +
                                             "backend b\n server s 127.0.0.1:1 ssl " + words + "\n"));
    return load() ? contexts_->of(loaded_.server()) : nullptr;
  }
  void write(const std::string& name, const TestCertificate& certificate) { folder_.file(name, certificate.pem()); }
  TestCertificate make(const std::string& name, std::vector<std::string> names = {}, KeyKind kind = KeyKind::ec) {
    return TestCertificate({.common_name = name, .names = std::move(names), .kind = kind});
  }
  // What a client that asks for the name is shown, or the error it gets.
  std::string shown(SSL_CTX* context, const std::string& name, const char* sigalgs = nullptr) {
    Handshake handshake(context, client_.get(), name);
    if (sigalgs) SSL_set1_sigalgs_list(handshake.client.get(), sigalgs);
    return handshake.run() ? handshake.shown() : handshake.client_error;
  }
  bool load() {
    contexts_ = std::make_unique<Contexts>();
    contexts_->load(*loaded_.config, 1, loaded_.diagnostics);
    return !loaded_.diagnostics.has_errors();
  }
  std::string in_folder(std::string text) const {
    for (size_t at; (at = text.find("$D")) != std::string::npos;) text.replace(at, 2, folder_.path());
    return text;
  }
  std::string said() const { return loaded_.said(); }

  support::TempFolder folder_;
  LoadedConfig loaded_;
  std::unique_ptr<Contexts> contexts_;
  support::ContextHandle client_ = support::client_context();
  TestCertificate a_{{.common_name = "a.example", .names = {"a.example"}}};
  std::string a_file_ = folder_.file("a.pem", a_.pem());
};

TEST_F(ContextsTest, ShowsTheCertificateOfTheLine) {
  SSL_CTX* context = bind("crt $D/a.pem");
  ASSERT_TRUE(context) << said();
  Handshake handshake(context, client_.get());
  EXPECT_TRUE(handshake.run()) << handshake.server_error << handshake.client_error;
  EXPECT_EQ(handshake.shown(), "a.example");
  EXPECT_STREQ(SSL_get_version(handshake.client.get()), "TLSv1.3");
}

TEST_F(ContextsTest, FilesAreLookedForInCrtBase) {
  EXPECT_TRUE(bind("crt a.pem", " crt-base $D")) << said();
}

TEST_F(ContextsTest, AWrongFileIsAnErrorAtItsWord) {
  EXPECT_FALSE(bind("crt $D/a.pem crt $D/none.pem"));
  EXPECT_NE(said().find("none.pem"), std::string::npos) << said();
  folder_.file("junk.pem", "junk");
  EXPECT_FALSE(bind("crt $D/junk.pem"));
  EXPECT_NE(said().find("junk.pem: there is no certificate in it"), std::string::npos) << said();
  EXPECT_FALSE(bind(""));
  EXPECT_NE(said().find("no certificate is given"), std::string::npos) << said();
}

TEST_F(ContextsTest, ProtocolsAreChosenInOurOrder) {
  SSL_CTX* context = bind("crt $D/a.pem alpn h2,http/1.1");
  ASSERT_TRUE(context) << said();
  auto chosen = [&](const std::string& offered) {
    Handshake handshake(context, client_.get());
    SSL_set_alpn_protos(handshake.client.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                        static_cast<unsigned>(offered.size()));
    EXPECT_TRUE(handshake.run());
    return handshake.protocol();
  };
  EXPECT_EQ(chosen("\x08http/1.1\x02h2"), "h2");
  EXPECT_EQ(chosen("\x08http/1.1"), "http/1.1");
  EXPECT_EQ(chosen("\x04smtp"), "");
}

TEST_F(ContextsTest, CertificatesAreChosenByName) {
  write("b.pem", make("b.example", {"b.example", "bb.example"}));
  write("w.pem", make("w", {"*.w.example"}));
  SSL_CTX* context = bind("crt $D/a.pem crt $D/b.pem crt $D/w.pem");
  ASSERT_TRUE(context) << said();
  EXPECT_EQ(shown(context, "bb.example"), "b.example");
  EXPECT_EQ(shown(context, "B.Example"), "b.example");
  EXPECT_EQ(shown(context, "x.w.example"), "w");
  EXPECT_EQ(shown(context, "x.x.w.example"), "a.example");
  EXPECT_EQ(shown(context, "none.example"), "a.example");
  EXPECT_EQ(shown(context, ""), "a.example");
}

TEST_F(ContextsTest, StrictSniRefusesUnknownNames) {
  SSL_CTX* context = bind("crt $D/a.pem strict-sni");
  ASSERT_TRUE(context) << said();
  EXPECT_EQ(shown(context, "a.example"), "a.example");
  EXPECT_EQ(shown(context, "b.example"), "tlsv1 unrecognized name");
  EXPECT_EQ(shown(context, ""), "tlsv1 unrecognized name");
}

// As haproxy 2.6 does with the same files.
TEST_F(ContextsTest, NamesOfACrtList) {
  write("w.pem", make("w", {"*.w.example"}));
  write("b.pem", make("b", {"b.example"}));
  folder_.file("list", in_folder("$D/a.pem !*\n$D/w.pem *.foo.example !x.foo.example\n$D/b.pem *.bar.example x.bar\n"));
  SSL_CTX* context = bind("crt-list $D/list");
  ASSERT_TRUE(context) << said();
  EXPECT_EQ(shown(context, "y.foo.example"), "w");
  EXPECT_EQ(shown(context, "x.foo.example"), "a.example");  // excepted, so the default
  EXPECT_EQ(shown(context, "y.w.example"), "a.example");    // names of the line replace those of the certificate
  EXPECT_EQ(shown(context, "z.bar.example"), "b");
  EXPECT_EQ(shown(context, "x.bar"), "b");
}

TEST_F(ContextsTest, AnExceptionIsThatOfItsLineOnly) {
  write("w.pem", make("w", {"w"}));
  write("b.pem", make("b", {"b"}));
  folder_.file("list", in_folder("$D/a.pem\n$D/w.pem *.foo !x.foo\n$D/b.pem *.foo\n"));
  SSL_CTX* context = bind("crt-list $D/list");
  ASSERT_TRUE(context) << said();
  EXPECT_EQ(shown(context, "y.foo"), "w");
  EXPECT_EQ(shown(context, "x.foo"), "b");
}

TEST_F(ContextsTest, OptionsOfACrtListLine) {
  write("b.pem", make("b", {"b.example"}));
  folder_.file("list", in_folder("$D/a.pem\n$D/b.pem [alpn h2 ssl-max-ver TLSv1.2]\n"));
  SSL_CTX* context = bind("crt-list $D/list alpn http/1.1");
  ASSERT_TRUE(context) << said();
  auto spoken = [&](const std::string& name) {
    Handshake handshake(context, client_.get(), name);
    const std::string offered = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(handshake.client.get(), reinterpret_cast<const unsigned char*>(offered.data()), 12);
    EXPECT_TRUE(handshake.run()) << handshake.server_error;
    return handshake.shown() + " " + handshake.protocol() + " " + SSL_get_version(handshake.client.get());
  };
  EXPECT_EQ(spoken("a.example"), "a.example http/1.1 TLSv1.3");
  EXPECT_EQ(spoken("b.example"), "b h2 TLSv1.2");
}

TEST_F(ContextsTest, ErrorsOfACrtListNameItsLine) {
  folder_.file("list", in_folder("$D/a.pem\n\n$D/none.pem x\n"));
  EXPECT_FALSE(bind("crt-list $D/list"));
  EXPECT_TRUE(loaded_.says(folder_.path() + "/list:3:1: cannot open the certificate")) << said();
  EXPECT_FALSE(bind("crt-list $D/nolist"));
  EXPECT_TRUE(loaded_.says("cannot open the crt-list")) << said();
}

TEST_F(ContextsTest, TheKindOfKeyIsWhatTheClientCanUse) {
  write("two.pem.rsa", make("rsa", {"two.example"}, KeyKind::rsa));
  write("two.pem.ecdsa", make("ec", {"two.example"}, KeyKind::ec));
  SSL_CTX* context = bind("crt $D/a.pem crt $D/two.pem");
  ASSERT_TRUE(context) << said();
  EXPECT_EQ(shown(context, "two.example"), "ec");
  EXPECT_EQ(shown(context, "two.example", "RSA-PSS+SHA256"), "rsa");
  // The default's key may be of a kind that the client likes better.
  write("c.pem", make("c", {"c.example"}, KeyKind::rsa));
  context = bind("crt $D/a.pem crt $D/c.pem");
  EXPECT_EQ(shown(context, "c.example"), "c");
  // A bundle as the default
  context = bind("crt $D/two.pem");
  EXPECT_EQ(shown(context, ""), "ec");
  EXPECT_EQ(shown(context, "", "RSA-PSS+SHA256"), "rsa");
  // TLS 1.2: the cipher says it
  Handshake handshake(context, client_.get());
  SSL_set_max_proto_version(handshake.client.get(), TLS1_2_VERSION);
  SSL_set_cipher_list(handshake.client.get(), "ECDHE-RSA-AES128-GCM-SHA256");
  EXPECT_TRUE(handshake.run()) << handshake.client_error;
  EXPECT_EQ(handshake.shown(), "rsa");
}

TEST_F(ContextsTest, DefaultCertificateOfItsOwn) {
  write("b.pem", make("b", {"b.example"}));
  SSL_CTX* context = bind("crt $D/a.pem default-crt $D/b.pem");
  ASSERT_TRUE(context) << said();
  EXPECT_EQ(shown(context, "none.example"), "b");
  EXPECT_EQ(shown(context, "a.example"), "a.example");
}

TEST_F(ContextsTest, VersionsOfALine) {
  auto version = [&](const std::string& words, const std::string& global = "") -> std::string {
    SSL_CTX* context = bind("crt $D/a.pem " + words, global);
    if (!context) return said();
    Handshake handshake(context, client_.get());
    return handshake.run() ? SSL_get_version(handshake.client.get()) : handshake.client_error;
  };
  EXPECT_EQ(version("no-tlsv13"), "TLSv1.2");
  EXPECT_EQ(version("ssl-max-ver TLSv1.2"), "TLSv1.2");
  EXPECT_EQ(version("", " ssl-default-bind-options no-tlsv13"), "TLSv1.2");
  EXPECT_EQ(version("ssl-min-ver TLSv1.2", " ssl-default-bind-options no-tlsv13"), "TLSv1.3");
  EXPECT_EQ(version("ssl-max-ver TLSv1.2", " ssl-default-bind-options ssl-min-ver TLSv1.3"),
            "ALERT 9:2 all versions of TLS are disabled\n");
  EXPECT_EQ(version("force-tlsv12"), "TLSv1.2");
  EXPECT_EQ(version("", " ssl-default-bind-options strct-sni"),
            "ALERT 2:27 unknown option 'strct-sni' of ssl-default-bind-options\n");
}

TEST_F(ContextsTest, TextsThatOpenSslRefuses) {
  EXPECT_FALSE(bind("crt $D/a.pem ciphers FOO"));
  EXPECT_TRUE(loaded_.says("'ciphers': cannot use 'FOO': no cipher match")) << said();
  EXPECT_FALSE(bind("crt $D/a.pem curves P-256:FOO"));
  EXPECT_TRUE(loaded_.says("'curves': cannot use 'P-256:FOO'")) << said();
  EXPECT_FALSE(server("verify none sigalgs FOO"));
  EXPECT_TRUE(loaded_.says("'sigalgs': cannot use 'FOO'")) << said();
}

TEST_F(ContextsTest, ExtraFilesAreThoseOfTheGlobalWords) {
  folder_.file("k.crt", a_.certificate_pem());
  folder_.file("k.crt.key", a_.key_pem());
  EXPECT_TRUE(bind("crt $D/k.crt")) << said();
  EXPECT_FALSE(bind("crt $D/k.crt", " ssl-load-extra-files ocsp bundle"));
  EXPECT_FALSE(bind("crt $D/k.crt", " ssl-load-extra-files none"));
  EXPECT_FALSE(bind("crt $D/k.crt", " ssl-load-extra-del-ext"));
  folder_.file("k.key", a_.key_pem());
  EXPECT_TRUE(bind("crt $D/k.crt", " ssl-load-extra-del-ext")) << said();
}

TEST_F(ContextsTest, ChainsMayStandInAFolderOfTheirOwn) {
  TestCertificate root({.common_name = "root", .authority = true});
  TestCertificate middle({.common_name = "middle", .authority = true}, root);
  TestCertificate leaf({.common_name = "leaf"}, middle);
  folder_.file("chains/one.pem", middle.certificate_pem() + root.certificate_pem());
  folder_.file("leaf.pem", leaf.pem());
  auto sent = [&](const std::string& global) {
    SSL_CTX* context = bind("crt $D/leaf.pem", global);
    if (!context) return -1;
    Handshake handshake(context, client_.get());
    EXPECT_TRUE(handshake.run());
    return sk_X509_num(SSL_get_peer_cert_chain(handshake.client.get()));
  };
  EXPECT_EQ(sent(""), 1);
  EXPECT_EQ(sent(" issuers-chain-path $D/chains"), 3);
  EXPECT_EQ(sent(" issuers-chain-path $D/chains\n ssl-skip-self-issued-ca"), 2);
  EXPECT_EQ(sent(" issuers-chain-path $D/none"), -1);
  EXPECT_TRUE(loaded_.says("'issuers-chain-path': ")) << said();
}

TEST_F(ContextsTest, CertificatesOfACrtStore) {
  folder_.file("crt/k.crt", a_.certificate_pem());
  folder_.file("keys/k.key", a_.key_pem());
  const std::string store = "crt-store web\n crt-base $D/crt\n key-base $D/keys\n load crt k.crt key k.key alias k\n";
  EXPECT_TRUE(bind("crt @web/k", "\n" + store)) << said();
  EXPECT_EQ(said(), "");
  EXPECT_FALSE(bind("crt @web/other", "\n" + store));
  EXPECT_TRUE(loaded_.says("no crt-store has the certificate '@web/other'")) << said();
  EXPECT_TRUE(bind("crt $D/crt/k.crt", "\ncrt-store\n load crt $D/crt/k.crt key $D/keys/k.key\n")) << said();
  EXPECT_FALSE(bind("crt @web/k", "\n" + store + " load crt k.crt alias k\n"));
  EXPECT_TRUE(loaded_.says("'@web/k' is loaded twice")) << said();
  EXPECT_FALSE(bind("crt $D/a.pem", "\ncrt-store x\n load alias k\n"));
  EXPECT_TRUE(loaded_.says("'load' needs 'crt' and a file")) << said();
}

TEST_F(ContextsTest, HellosAndSecretsAreNoted) {
  SSL_CTX* context = bind("crt $D/a.pem", " tune.ssl.capture-buffer-size 200\n tune.ssl.keylog on");
  Handshake handshake(context, client_.get());
  ASSERT_TRUE(handshake.run());
  const Notes* notes = find_notes(handshake.server.get());
  ASSERT_TRUE(notes && notes->hello);
  EXPECT_EQ(notes->hello->version, 0x0303);
  EXPECT_NE(notes->hello->ciphers.find("\x13\x01"), std::string::npos);
  std::string labels;
  for (const auto& [label, secret] : notes->secrets) {
    labels += label + " ";
    EXPECT_GE(secret.size(), 64u);
  }
  EXPECT_NE(labels.find("CLIENT_HANDSHAKE_TRAFFIC_SECRET"), std::string::npos) << labels;
  EXPECT_NE(labels.find("SERVER_TRAFFIC_SECRET_0"), std::string::npos) << labels;
  Handshake plain(bind("crt $D/a.pem"), client_.get());
  ASSERT_TRUE(plain.run());
  EXPECT_EQ(find_notes(plain.server.get()), nullptr);
}

TEST_F(ContextsTest, SecurityLevel) {
  EXPECT_EQ(SSL_CTX_get_security_level(bind("crt $D/a.pem", " ssl-security-level 1")), 1);
  EXPECT_EQ(SSL_CTX_get_security_level(server("verify none", " ssl-security-level 3")), 3);
}

TEST_F(ContextsTest, DiffieHellmanNeedsParameters) {
  auto agreed = [&](const std::string& global) {
    write("rsa.pem", make("rsa", {}, KeyKind::rsa));
    SSL_CTX* context = bind("crt $D/rsa.pem", global);
    EXPECT_TRUE(context) << said();
    Handshake handshake(context, client_.get());
    SSL_set_max_proto_version(handshake.client.get(), TLS1_2_VERSION);
    SSL_set_cipher_list(handshake.client.get(), "DHE-RSA-AES128-GCM-SHA256");
    return handshake.run();
  };
  EXPECT_FALSE(agreed(""));
  EXPECT_TRUE(agreed(" tune.ssl.default-dh-param 2048"));
  folder_.file("dh.pem", "junk");
  EXPECT_FALSE(bind("crt $D/a.pem", " ssl-dh-param-file $D/dh.pem"));
  EXPECT_TRUE(loaded_.says("there are no Diffie-Hellman parameters in it")) << said();
}

TEST_F(ContextsTest, OtherLinesHaveNoContext) {
  loaded_ = support::load_http("frontend f\n bind 127.0.0.1:1\nbackend b\n server s 127.0.0.1:1\n");
  EXPECT_TRUE(load());
  EXPECT_EQ(contexts_->of(loaded_.bind()), nullptr);
  EXPECT_EQ(contexts_->of(loaded_.server(0, 1)), nullptr);
}

TEST_F(ContextsTest, ServersAreOfferedTheProtocolsOfTheLine) {
  SSL_CTX* context = server("verify none alpn h2,http/1.1");
  ASSERT_TRUE(context) << said();
  support::ContextHandle server = support::ContextHandle(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_cert_and_key(server.get(), a_.certificate(), a_.key(), nullptr, 1);
  SSL_CTX_set_alpn_select_cb(
      server.get(),
      [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered, unsigned, void*) {
        *out = offered + 1;
        *size = *offered;
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
  Handshake handshake(server.get(), context);
  EXPECT_TRUE(handshake.run()) << handshake.client_error;
  EXPECT_EQ(handshake.protocol(), "h2");
}

}  // namespace
}  // namespace lbd::tls
