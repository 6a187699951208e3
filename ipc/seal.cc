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

std::string Transcript::key(std::string_view secret, bool of_initiator) const {
  return hmac_sha256(secret, signed_text("tandem node link 1 key ", *this, of_initiator));
}

std::string FrameSeal::mac(std::string_view payload) {
  std::string text;
  text.reserve(payload.size() + 8);
  append_number(text, number_++);
  text += payload;
  return hmac_sha256(key_, text);
}

bool FrameSeal::open(std::string_view& payload) {
  if (payload.size() < kMacSize) return false;
  std::string_view theirs = payload.substr(payload.size() - kMacSize);
  payload.remove_suffix(kMacSize);
  return equal_constant_time(theirs, mac(payload));
}

}  // namespace ipc
