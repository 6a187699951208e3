// ClientHello: the lists of a client's hello by which clients are told apart (JA3 and the like): ciphers, extensions,
// curves, point formats, as bytes of the hello. Kept up to a limit, in that order. Pure; foreign bytes. Thread: any.
// RFC 8446, 4.1.2; RFC 8422, 5.1. Manual: 3.2 (tune.ssl.capture-buffer-size), 7.3.4 (ssl_fc_cipherlist_*).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lbd::tls {

struct ClientHello {
  uint16_t version = 0;       // as the hello says, 0x0303 for TLS 1.3, too
  std::string ciphers;        // two bytes each
  std::string extensions;     // their types, two bytes each
  std::string curves;         // two bytes each
  std::string point_formats;  // one byte each
  uint64_t ciphers_hash = 0;  // XXH64 of all ciphers
};

// A handshake message of type 1 with its header of four bytes. Nothing: it is none, or is cut off. No more than `limit`
// bytes of all lists together are kept.
std::optional<ClientHello> read_client_hello(std::string_view message, size_t limit);

// Without the values that clients put in at random (GREASE, RFC 8701).
std::string without_grease(std::string_view numbers);

}  // namespace lbd::tls
