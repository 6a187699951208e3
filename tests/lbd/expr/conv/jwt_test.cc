#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdio>
#include <filesystem>

#include "base/base64.h"
#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class JwtTest : public ExprTest {
 protected:
  ~JwtTest() override { std::filesystem::remove(path_); }

  std::string encode(std::string_view bytes) {
    return std::string(base::encode_base64(bytes, base::Base64::url, arena_));
  }
  std::string signed_part(const std::string& algorithm) {
    return encode("{\"alg\":\"" + algorithm + "\"}") + "." + encode("{\"iss\":\"me\"}");
  }
  // The key goes to the file that jwt_verify reads.
  void use(EVP_PKEY* key) {
    key_.reset(key, EVP_PKEY_free);
    FILE* file = std::fopen(path_.c_str(), "w");
    ASSERT_TRUE(file);
    PEM_write_PUBKEY(file, key);
    std::fclose(file);
  }
  std::string sign(const std::string& algorithm, bool pss = false) {
    std::string text = signed_part(algorithm);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    EXPECT_EQ(EVP_DigestSignInit(context, &options, EVP_sha256(), nullptr, key_.get()), 1);
    if (pss) EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
    std::string signature(1024, '\0');
    size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                             reinterpret_cast<const unsigned char*>(text.data()), text.size()),
              1);
    EVP_MD_CTX_free(context);
    signature.resize(size);
    if (EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC) signature = both_numbers(signature);
    return text + "." + encode(signature);
  }
  static std::string both_numbers(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string raw(64, '\0');
    auto* to = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(both), to, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(both), to + 32, 32);
    ECDSA_SIG_free(both);
    return raw;
  }
  std::string verify(const std::string& token, const std::string& algorithm, const std::string& key) {
    return eval("str(" + token + "),jwt_verify(" + algorithm + "," + key + ")");
  }

  std::string path_ = testing::TempDir() + "jwt_test." + std::to_string(getpid()) + ".pem";
  std::shared_ptr<EVP_PKEY> key_;
};

TEST_F(JwtTest, KeyedDigests) {
  std::string token = signed_part("HS256") + ".LxExD6EfHcMFmhMrhAFgIrpBYG8NFZE7C0J3JHqwFqA";
  EXPECT_EQ(verify(token, "HS256", "secret"), "int 0");
  t_->vars.set(*parse_var_name("txn.text"), Value::of_text(signed_part("HS256")), &arena_);
  eval("var(txn.text),hmac(sha256,c2VjcmV0),ub64enc,set-var(txn.sig)");
  eval("var(txn.text),concat(.,txn.sig),set-var(txn.token)");
  EXPECT_EQ(eval("var(txn.token),jwt_verify(HS256,secret)"), "int 1");
  EXPECT_EQ(eval("var(txn.token),jwt_verify(HS256,other)"), "int 0");
  EXPECT_EQ(eval("var(txn.token),jwt_verify(HS384,secret)"), "int 0");
  eval("var(txn.token),jwt_header_query('$.alg'),set-var(txn.alg)");
  EXPECT_EQ(eval("var(txn.token),jwt_verify(txn.alg,secret)"), "int 1");
}

TEST_F(JwtTest, Rsa) {
  use(EVP_RSA_gen(2048));
  EXPECT_EQ(verify(sign("RS256"), "RS256", path_), "int 1");
  EXPECT_EQ(verify(sign("PS256", true), "PS256", path_), "int 1");
  EXPECT_EQ(verify(sign("RS256"), "PS256", path_), "int 0");
  EXPECT_EQ(verify(sign("RS256"), "ES256", path_), "int 0");
  EXPECT_EQ(verify(sign("RS256"), "RS256", path_ + ".none").substr(0, 6), "error:");
}

TEST_F(JwtTest, EllipticCurves) {
  use(EVP_EC_gen("P-256"));
  std::string token = sign("ES256");
  EXPECT_EQ(verify(token, "ES256", path_), "int 1");
  EXPECT_EQ(verify(sign("ES512"), "ES256", path_), "int 1");  // what counts is the argument, not the token
  token[5] = token[5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(verify(token, "ES256", path_), "int 0");
}

TEST_F(JwtTest, WhatCannotBeChecked) {
  EXPECT_EQ(verify("a.b", "HS256", "x"), "int -3");
  EXPECT_EQ(verify("a.b.", "HS256", "x"), "int -3");
  EXPECT_EQ(verify("a.b.c.d", "HS256", "x"), "int -3");
  EXPECT_EQ(verify("a.b.!", "HS256", "x"), "int -3");
  EXPECT_EQ(verify("a.b.", "none", "x"), "int 1");
  EXPECT_EQ(verify("a.b.c", "none", "x"), "int 0");
  t_->vars.set(*parse_var_name("txn.alg"), Value::of_text("XX256"), &arena_);
  EXPECT_EQ(verify("a.b.YWJj", "txn.alg", "x"), "int -1");
  EXPECT_EQ(verify("a.b.YWJj", "RS256", "txn.alg"), "int -5");
  EXPECT_EQ(verify("a.b.c", "XX256", "x"), "error: converter 'jwt_verify': there is no algorithm 'XX256'");
}

}  // namespace
}  // namespace lbd::expr
