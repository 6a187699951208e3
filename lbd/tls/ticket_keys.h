// TicketKeys: the keys that session tickets are sealed with: three of them, the one in use, the one before it and the
// one after it, which others (workers, the other node of a pair) know before it is used.
//
// Made and rotated by the product itself; state() and adopt() hand them to another node. Or read from a file, where the
// last but one line is the key in use, and an operator rotates them by appending a line and reloading.
// A ticket is opened by any key of the three; one that was not sealed with the key in use is renewed.
// Owner: Contexts. Thread: any; a rotation happens in whichever handshake finds that it is time. Units: seconds.
// Errors: Result. Manual: 5.1 (tls-ticket-keys). RFC 5077, 5.5; RFC 8446, 4.6.1.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lbd/tls/guarded.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

struct TicketKey {
  std::array<unsigned char, 16> name{};
  std::array<unsigned char, 32> aes{};
  std::array<unsigned char, 32> hmac{};
  uint8_t size = 32;  // of `aes` and `hmac`: 32, or 16 (AES-128) where a file says so

  // As a line of a file holds it, before base64: name, AES, HMAC; 80 or 48 bytes.
  std::string bytes() const;
  static base::Result<TicketKey> from_bytes(std::string_view bytes);
  static TicketKey random();
};

class TicketKeys {
 public:
  static constexpr size_t kKeys = 3;
  static constexpr size_t kInUse = 1;

  // Random ones that are rotated every `period`; 0: never.
  TicketKeys(int64_t period, int64_t now);
  static base::Result<std::unique_ptr<TicketKeys>> from_file(const std::string& path);
  static base::Result<std::unique_ptr<TicketKeys>> from_text(std::string_view text);

  // From now on tickets of this context are sealed with them; they outlive its connections.
  void serve(SSL_CTX* context);

  // Rotates when it is time, and gives the keys.
  std::shared_ptr<const std::array<TicketKey, kKeys>> keys(int64_t now);
  void rotate(int64_t now, const TicketKey& next);
  // set ssl tls-key: the next key, in base64 as a line of a file.
  base::Status push(std::string_view line, int64_t now);

  // All of it as bytes, secrets included; adopt() takes over what is newer than what is here, or in the place of keys
  // that nobody has used: then whatever others use.
  std::string state() const;
  enum class Adopt : uint8_t { newer, any };
  base::Status adopt(std::string_view state, Adopt which = Adopt::newer);
  // A ticket was sealed since the start: somebody counts on these keys.
  bool used() const { return used_.load(std::memory_order_relaxed); }
  // When the key in use of such a state came into use; 0: it is none.
  static int64_t since(std::string_view state);

 private:
  struct Ring {
    std::array<TicketKey, kKeys> keys;
    int64_t since = 0;  // when keys[kInUse] came into use
  };
  explicit TicketKeys(Ring ring) : ring_(std::make_shared<const Ring>(std::move(ring))), period_(0) {}
  static int seal_or_open(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                          int seal);

  Guarded<Ring> ring_;
  std::mutex rotating_;
  int64_t period_;
  std::atomic<bool> used_{false};
};

}  // namespace lbd::tls
