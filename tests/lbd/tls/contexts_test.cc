#include "lbd/tls/contexts.h"

#include <gtest/gtest.h>

#include "tests/support/handshake.h"
#include "tests/support/load_config.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace lbd::tls {
namespace {

using support::Handshake;
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
  EXPECT_NE(said().find("junk.pem: no private key"), std::string::npos) << said();
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
