// Converters that encrypt and decrypt with AES, by OpenSSL. Key, nonce and tag are base64, as constants or in
// variables. Manual: 7.3.1 (aes_gcm_dec; aes_gcm_enc, aes_cbc_dec and aes_cbc_enc of HAProxy 3).
#include <openssl/evp.h>

#include <memory>

#include "base/base64.h"
#include "lbd/expr/context.h"
#include "lbd/expr/operand.h"

namespace lbd::expr {
namespace {

constexpr size_t kTagSize = 16;
constexpr size_t kBlock = 16;

bool prepare_aes(Prepare& prepare) {
  int64_t bits = prepare.args[0].number;
  if (bits != 128 && bits != 192 && bits != 256) {
    prepare.error = "the number of bits is 128, 192 or 256";
    return false;
  }
  for (size_t i = 1; i < kMaxArgs; ++i)
    if (prepare.args[i].kind == ArgKind::text_or_var && !prepare_base64(prepare, i)) return false;
  return true;
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
EVP_CIPHER_CTX* context() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> own(EVP_CIPHER_CTX_new());
  if (own) EVP_CIPHER_CTX_reset(own.get());
  return own.get();
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
}

// Key and nonce into the context.
bool begin(EVP_CIPHER_CTX* aes, const ConverterCall& call, Transaction& t, bool gcm, bool encrypt) {
  std::string_view nonce, key;
  int64_t bits = call.arg(0).number;
  if (!aes || !base64_operand(call.arg(1), t, nonce) || !base64_operand(call.arg(2), t, key)) return false;
  if (static_cast<int64_t>(key.size()) * 8 != bits || nonce.empty() || (!gcm && nonce.size() != kBlock)) return false;
  const EVP_CIPHER* cipher = bits == 128   ? (gcm ? EVP_aes_128_gcm() : EVP_aes_128_cbc())
                             : bits == 192 ? (gcm ? EVP_aes_192_gcm() : EVP_aes_192_cbc())
                                           : (gcm ? EVP_aes_256_gcm() : EVP_aes_256_cbc());
  if (EVP_CipherInit_ex(aes, cipher, nullptr, nullptr, nullptr, encrypt) != 1) return false;
  if (gcm && EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()), nullptr) != 1)
    return false;
  return EVP_CipherInit_ex(aes, nullptr, nullptr, bytes_of(key), bytes_of(nonce), encrypt) == 1;
}

// The text through the cipher.
bool run(EVP_CIPHER_CTX* aes, Transaction& t, Value& value) {
  std::string_view from = value.view();
  char* room = t.arena.alloc_chars(from.size() + kBlock);
  auto* to = reinterpret_cast<unsigned char*>(room);
  int size = 0, rest = 0;
  if (EVP_CipherUpdate(aes, to, &size, bytes_of(from), static_cast<int>(from.size())) != 1) return false;
  if (EVP_CipherFinal_ex(aes, to + size, &rest) != 1) return false;
  value.set_text({room, static_cast<size_t>(size + rest)}, Type::binary);
  return true;
}

// What is authenticated but not encrypted, when it is given.
bool add_data(EVP_CIPHER_CTX* aes, const ConverterCall& call, Transaction& t) {
  std::string_view data;
  int size = 0;
  if (!call.arg(4).given()) return true;
  return base64_operand(call.arg(4), t, data) &&
         EVP_CipherUpdate(aes, nullptr, &size, bytes_of(data), static_cast<int>(data.size())) == 1;
}

bool gcm_decrypt(const ConverterCall& call, Transaction& t, Value& value) {
  EVP_CIPHER_CTX* aes = context();
  std::string_view tag;
  if (!begin(aes, call, t, true, false) || !base64_operand(call.arg(3), t, tag) || tag.size() != kTagSize) return false;
  auto* expected = const_cast<char*>(tag.data());
  return EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagSize), expected) == 1 &&
         add_data(aes, call, t) && run(aes, t, value);
}

bool gcm_encrypt(const ConverterCall& call, Transaction& t, Value& value) {
  EVP_CIPHER_CTX* aes = context();
  char tag[kTagSize];
  if (!begin(aes, call, t, true, true) || !add_data(aes, call, t) || !run(aes, t, value)) return false;
  if (EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagSize), tag) != 1) return false;
  return set_var(t, call.arg(3).var,
                 Value::of_text(base::encode_base64({tag, kTagSize}, base::Base64::standard, t.arena)));
}

template <bool encrypt>
bool cbc(const ConverterCall& call, Transaction& t, Value& value) {
  EVP_CIPHER_CTX* aes = context();
  return begin(aes, call, t, false, encrypt) && run(aes, t, value);
}

using enum ArgKind;
constexpr Type kBytes = Type::binary;
constexpr ConverterRow kRows[] = {
    {.name = "aes_gcm_dec",
     .doc = "Decrypts AES-GCM: bits, nonce, key, tag, and data that is only authenticated.",
     .args = {{{number}, {text_or_var}, {text_or_var}, {text_or_var}, {text_or_var, true}}},
     .in = kBytes,
     .out = kBytes,
     .run = gcm_decrypt,
     .prepare = prepare_aes},
    {.name = "aes_gcm_enc",
     .doc = "Encrypts by AES-GCM: bits, nonce, key, a variable for the tag, and data that is only authenticated.",
     .args = {{{number}, {text_or_var}, {text_or_var}, {var}, {text_or_var, true}}},
     .in = kBytes,
     .out = kBytes,
     .run = gcm_encrypt,
     .prepare = prepare_aes},
    {.name = "aes_cbc_dec",
     .doc = "Decrypts AES-CBC: bits, nonce, key.",
     .args = {{{number}, {text_or_var}, {text_or_var}}},
     .in = kBytes,
     .out = kBytes,
     .run = cbc<false>,
     .prepare = prepare_aes},
    {.name = "aes_cbc_enc",
     .doc = "Encrypts by AES-CBC: bits, nonce, key.",
     .args = {{{number}, {text_or_var}, {text_or_var}}},
     .in = kBytes,
     .out = kBytes,
     .run = cbc<true>,
     .prepare = prepare_aes},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
