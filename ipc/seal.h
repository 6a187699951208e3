// Proof and seal of a link between nodes under a shared secret: HMAC-SHA256 (RFC 2104, through OpenSSL).
//
// Both hellos carry 32 random bytes and are, as they were on the wire, the transcript. Each end proves the secret by a
// MAC of the transcript and its own direction, so that no proof can be reflected or replayed; the keys of the session
// come from the same transcript. Afterwards each frame ends with a MAC over its number in its direction and its
// payload: nothing can be changed, left out, repeated or put in another order. It hides nothing; TLS does.
// Pure. Thread: any one. Errors: open() returns false, and the link must be closed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ipc {

inline constexpr size_t kMacSize = 32;

std::string hmac_sha256(std::string_view key, std::string_view text);
bool equal_constant_time(std::string_view a, std::string_view b);
std::string random_bytes(size_t count);

// Each hello as the payload of its frame.
struct Transcript {
  std::string initiator_hello, acceptor_hello;
  std::string proof(std::string_view secret, bool by_initiator) const;
  std::string key(std::string_view secret, bool of_initiator) const;
};

// One direction of a link.
class FrameSeal {
 public:
  explicit FrameSeal(std::string key) : key_(std::move(key)) {}
  void seal(std::string& payload) { payload += mac(payload); }
  // Verifies and removes the MAC.
  bool open(std::string_view& payload);

 private:
  std::string mac(std::string_view payload);
  std::string key_;
  uint64_t number_ = 0;
};

}  // namespace ipc
