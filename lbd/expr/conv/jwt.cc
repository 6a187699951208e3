// The converter that checks the signature of a JSON web token: keyed digests, RSA (both paddings), elliptic curves.
// Public keys are read at load; nothing is read from disk when it runs. Manual: 7.3.1 (jwt_verify); RFC 7515, 7518.
#include <fmt/format.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "base/base64.h"
#include "lbd/expr/context.h"
#include "lbd/expr/operand.h"

namespace lbd::expr {
namespace {

// What the converter returns.
enum Verdict : int64_t { failure = 0, success = 1, unknown_algorithm = -1, invalid_token = -3, unknown_key = -5 };

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

enum class Family : uint8_t { hmac, rsa, pss, ec };
struct Algorithm {
  std::string_view name;
  Family family;
  const EVP_MD* (*digest)();
  size_t number_size = 0;  // of each of the two numbers of a signature
};
constexpr Algorithm kAlgorithms[] = {
    {"HS256", Family::hmac, EVP_sha256},   {"HS384", Family::hmac, EVP_sha384},   {"HS512", Family::hmac, EVP_sha512},
    {"RS256", Family::rsa, EVP_sha256},    {"RS384", Family::rsa, EVP_sha384},    {"RS512", Family::rsa, EVP_sha512},
    {"PS256", Family::pss, EVP_sha256},    {"PS384", Family::pss, EVP_sha384},    {"PS512", Family::pss, EVP_sha512},
    {"ES256", Family::ec, EVP_sha256, 32}, {"ES384", Family::ec, EVP_sha384, 48}, {"ES512", Family::ec, EVP_sha512, 66},
};

const Algorithm* algorithm_named(std::string_view name) {
  for (const Algorithm& algorithm : kAlgorithms)
    if (algorithm.name == name) return &algorithm;
  return nullptr;
}

// A public key or a certificate in a PEM file; null: neither.
Key read_key(const std::string& path) {
  std::unique_ptr<BIO, Free<BIO_vfree>> file(BIO_new_file(path.c_str(), "r"));
  if (!file) return nullptr;
  Key key(PEM_read_bio_PUBKEY(file.get(), nullptr, nullptr, nullptr));
  if (key) return key;
  (void)BIO_reset(file.get());
  std::unique_ptr<X509, Free<X509_free>> certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  return certificate ? Key(X509_get_pubkey(certificate.get())) : nullptr;
}

bool prepare_verify(Prepare& prepare) {
  const Arg &name = prepare.args[0], &key = prepare.args[1];
  const Algorithm* algorithm = name.is_var ? nullptr : algorithm_named(name.text);
  if (!name.is_var && !algorithm && name.text != "none") {
    prepare.error = fmt::format("there is no algorithm '{}'", name.text);
    return false;
  }
  if (key.is_var || (algorithm && algorithm->family == Family::hmac)) return true;
  // With an algorithm that only the token says, the argument may be a secret as well as a file.
  Key read = read_key(std::string(key.text));
  if (read)
    *prepare.data = prepare.context.storage.make<Key>(std::move(read))->get();
  else if (algorithm)
    prepare.error = fmt::format("'{}' is no file with a public key or certificate", key.text);
  return prepare.error.empty();
}

bool verify_hmac(const Algorithm& algorithm, std::string_view key, std::string_view text, std::string_view signature) {
  unsigned char made[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!HMAC(algorithm.digest(), key.empty() ? "" : key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(text.data()), text.size(), made, &size))
    return false;
  return size == signature.size() && CRYPTO_memcmp(made, signature.data(), size) == 0;
}

// The two numbers of a signature of an elliptic curve, as OpenSSL wants them; the size, 0: it is none.
size_t to_der(const Algorithm& algorithm, std::string_view signature, unsigned char* room) {
  size_t size = algorithm.number_size;
  if (signature.size() != 2 * size) return 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>> both(ECDSA_SIG_new());
  BIGNUM *r = BN_bin2bn(bytes, static_cast<int>(size), nullptr),
         *s = BN_bin2bn(bytes + size, static_cast<int>(size), nullptr);
  if (!both || !r || !s || ECDSA_SIG_set0(both.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return 0;
  }
  int length = i2d_ECDSA_SIG(both.get(), &room);
  return length > 0 ? static_cast<size_t>(length) : 0;
}

bool verify_key(const Algorithm& algorithm, EVP_PKEY* key, std::string_view text, std::string_view signature) {
  int wanted = algorithm.family == Family::ec ? EVP_PKEY_EC : EVP_PKEY_RSA;
  if (EVP_PKEY_get_base_id(key) != wanted) return false;
  unsigned char der[2 * 66 + 16];
  if (algorithm.family == Family::ec) {
    size_t size = to_der(algorithm, signature, der);
    if (size == 0) return false;
    signature = {reinterpret_cast<const char*>(der), size};
  }
  std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  if (!context || EVP_DigestVerifyInit(context.get(), &options, algorithm.digest(), nullptr, key) != 1) return false;
  if (algorithm.family == Family::pss && EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1)
    return false;
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

Verdict check(const ConverterCall& call, Transaction& t, std::string_view token) {
  std::string_view name, key;
  if (!text_operand(call.arg(0), t, name) || !text_operand(call.arg(1), t, key)) return invalid_token;
  size_t first = token.find('.'), last = token.rfind('.');
  if (first == last || token.find('.', first + 1) != last) return invalid_token;
  std::string_view signed_text = token.substr(0, last), encoded = token.substr(last + 1);
  if (name == "none") return encoded.empty() ? success : failure;
  const Algorithm* algorithm = algorithm_named(name);
  if (!algorithm) return unknown_algorithm;
  if (encoded.empty()) return invalid_token;
  auto signature = base::decode_base64(encoded, base::Base64::url, t.arena);
  if (!signature) return invalid_token;
  if (algorithm->family == Family::hmac)
    return verify_hmac(*algorithm, key, signed_text, *signature) ? success : failure;
  if (!call.data) return unknown_key;
  auto* public_key = static_cast<EVP_PKEY*>(const_cast<void*>(call.data));
  return verify_key(*algorithm, public_key, signed_text, *signature) ? success : failure;
}

bool jwt_verify(const ConverterCall& call, Transaction& t, Value& value) {
  value.set_int(check(call, t, value.view()));
  return true;
}

constexpr ConverterRow kRows[] = {
    {.name = "jwt_verify",
     .doc = "Checks the signature of a JSON web token: 1 is right, 0 wrong, less than 0 says why it cannot be checked.",
     .args = {{{ArgKind::text_or_var}, {ArgKind::text_or_var}}},
     .out = Type::integer,
     .run = jwt_verify,
     .prepare = prepare_verify},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
