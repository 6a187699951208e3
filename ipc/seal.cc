#include "ipc/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/result.h"

namespace ipc {
namespace {

void append_number(std::string& to, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) to += static_cast<char>(number >> shift & 0xff);
}

// Lengths are part of what is signed: no two transcripts have the same bytes.
std::string signed_text(std::string_view purpose, const Transcript& transcript, bool initiator) {
  std::string text(purpose);
  text += initiator ? 'i' : 'a';
  for (const std::string& hello : {transcript.initiator_hello, transcript.acceptor_hello}) {
    append_number(text, hello.size());
    text += hello;
  }
  return text;
}

constexpr size_t kNonce = 12, kTag = 16;

uint8_t* bytes_of(std::string& text) {
  return reinterpret_cast<uint8_t*>(text.data());
}
const uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string mac(kMacSize, '\0');
  unsigned size = kMacSize;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const uint8_t*>(text.data()),
             text.size(), reinterpret_cast<uint8_t*>(mac.data()), &size));
  return mac;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(size_t count) {
  std::string bytes(count, '\0');
  CHECK(RAND_bytes(reinterpret_cast<uint8_t*>(bytes.data()), static_cast<int>(count)) == 1);
  return bytes;
}

std::string Transcript::proof(std::string_view secret, bool by_initiator) const {
  return hmac_sha256(secret, signed_text("tandem node link 1 proof ", *this, by_initiator));
}

std::string Transcript::key(std::string_view secret, bool of_initiator, std::string_view exchanged) const {
  std::string text = signed_text("tandem node link 1 key ", *this, of_initiator);
  text += exchanged;
  return hmac_sha256(secret, text);
}

// --- KeyExchange

void KeyExchange::KeyDeleter::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

KeyExchange::KeyExchange() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")), share_(kShare, '\0') {
  size_t size = kShare;
  CHECK(key_ && EVP_PKEY_get_raw_public_key(key_.get(), bytes_of(share_), &size) == 1 && size == kShare);
}

std::string KeyExchange::shared(std::string_view peer_share) const {
  const std::unique_ptr<EVP_PKEY, KeyDeleter> peer(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_X25519, nullptr, reinterpret_cast<const uint8_t*>(peer_share.data()), peer_share.size()));
  struct ContextDeleter {
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  };
  const std::unique_ptr<EVP_PKEY_CTX, ContextDeleter> context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  std::string out(kShare, '\0');
  size_t size = out.size();
  const bool done = peer && context && EVP_PKEY_derive_init(context.get()) == 1 &&
                    EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                    EVP_PKEY_derive(context.get(), bytes_of(out), &size) == 1 && size == kShare;
  return done ? out : std::string();
}

// --- FrameSeal

void FrameSeal::CipherDeleter::operator()(evp_cipher_ctx_st* cipher) const {
  EVP_CIPHER_CTX_free(cipher);
}

FrameSeal::FrameSeal(std::string key, SealKind kind) : key_(std::move(key)) {
  if (kind == SealKind::mac) return;
  CHECK(key_.size() == kMacSize);
  cipher_.reset(EVP_CIPHER_CTX_new());
  CHECK(cipher_);
}

// The number of a frame in its direction; the key is one of this direction and connection, so none comes twice.
std::string FrameSeal::next_number() {
  std::string number(kNonce - sizeof number_, '\0');
  append_number(number, number_++);
  return number;
}

void FrameSeal::seal(std::string& payload) {
  if (!cipher_) {
    payload += mac(payload);
    return;
  }
  const std::string number = next_number();
  const size_t size = payload.size();
  payload.resize(size + kTag);
  int written = 0;
  CHECK(EVP_EncryptInit_ex(cipher_.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_), bytes_of(number)) == 1 &&
        EVP_EncryptUpdate(cipher_.get(), bytes_of(payload), &written, bytes_of(payload), static_cast<int>(size)) == 1 &&
        EVP_EncryptFinal_ex(cipher_.get(), bytes_of(payload) + written, &written) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTag), bytes_of(payload) + size) ==
            1);
}

bool FrameSeal::decrypt(std::string_view& payload) {
  if (payload.size() < kTag) return false;
  const std::string number = next_number();
  const size_t size = payload.size() - kTag;
  std::string tag(payload.substr(size));
  opened_.resize(size);
  int written = 0;
  const auto* from = reinterpret_cast<const uint8_t*>(payload.data());
  if (EVP_DecryptInit_ex(cipher_.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_), bytes_of(number)) != 1 ||
      EVP_DecryptUpdate(cipher_.get(), bytes_of(opened_), &written, from, static_cast<int>(size)) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTag), tag.data()) != 1 ||
      EVP_DecryptFinal_ex(cipher_.get(), bytes_of(opened_) + written, &written) != 1)
    return false;
  payload = opened_;
  return true;
}

std::string FrameSeal::mac(std::string_view payload) {
  std::string text;
  text.reserve(payload.size() + 8);
  append_number(text, number_++);
  text += payload;
  return hmac_sha256(key_, text);
}

bool FrameSeal::open(std::string_view& payload) {
  if (cipher_) return decrypt(payload);
  if (payload.size() < kMacSize) return false;
  std::string_view theirs = payload.substr(payload.size() - kMacSize);
  payload.remove_suffix(kMacSize);
  return equal_constant_time(theirs, mac(payload));
}

}  // namespace ipc
