// Proof and seal of a link between nodes under a shared secret: HMAC-SHA256 (RFC 2104), an ephemeral X25519 exchange
// (RFC 7748) and AES-256-GCM, all through OpenSSL.
//
// Both hellos carry 32 random bytes and are, as they were on the wire, the transcript. Each end proves the secret by a
// MAC of the transcript and its own direction, so that no proof can be reflected or replayed; the keys of the session
// come from the same transcript. The random bytes are the public half of an X25519 key where a hello says that its
// sender encrypts: then the keys come from the exchange as well, so that who learns the secret later reads nothing of
// what was recorded before, and each frame is encrypted. With an older peer each frame ends with a MAC over its number
// and its payload, and is in clear. Either way nothing can be changed, left out, repeated or put in another order.
// Pure. Thread: any one. Errors: open() returns false, and the link must be closed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;
struct evp_cipher_ctx_st;

namespace ipc {

inline constexpr size_t kMacSize = 32;

std::string hmac_sha256(std::string_view key, std::string_view text);
bool equal_constant_time(std::string_view a, std::string_view b);
std::string random_bytes(size_t count);

// Our half of an exchange; the private key ends with it.
class KeyExchange {
 public:
  static constexpr size_t kShare = 32;
  KeyExchange();
  const std::string& share() const { return share_; }
  // What both ends know then; "" for a share that is none.
  std::string shared(std::string_view peer_share) const;

 private:
  struct KeyDeleter {
    void operator()(evp_pkey_st* key) const;
  };
  std::unique_ptr<evp_pkey_st, KeyDeleter> key_;
  std::string share_;
};

// Each hello as the payload of its frame.
struct Transcript {
  std::string initiator_hello, acceptor_hello;
  std::string proof(std::string_view secret, bool by_initiator) const;
  // `exchanged`: of a KeyExchange, where there was one.
  std::string key(std::string_view secret, bool of_initiator, std::string_view exchanged = {}) const;
};

enum class SealKind : uint8_t { mac, encrypt };
// What a hello says of the best that its sender can.
inline constexpr uint32_t kEncryptingSeal = 2;

// One direction of a link.
class FrameSeal {
 public:
  explicit FrameSeal(std::string key, SealKind kind = SealKind::mac);
  void seal(std::string& payload);
  // Verifies, and gives what was sealed (valid until the next call).
  bool open(std::string_view& payload);

 private:
  struct CipherDeleter {
    void operator()(evp_cipher_ctx_st* cipher) const;
  };
  std::string mac(std::string_view payload);
  bool decrypt(std::string_view& payload);
  std::string next_number();

  std::string key_;
  std::unique_ptr<evp_cipher_ctx_st, CipherDeleter> cipher_;  // null: a MAC only
  uint64_t number_ = 0;
  std::string opened_;
};

}  // namespace ipc
