// The first message of a TLS handshake, read from bytes that are only passed on: what a client says before anything is
// encrypted. Pure. Only a message that lies in one record is read, as clients send it; SSLv2 is not TLS.
// Views point into the bytes. Manual: 7.3.5 (req.ssl_*); RFC 8446, 4.1.2; RFC 6066, 3; RFC 7301; RFC 5077.
#pragma once

#include <cstdint>
#include <string_view>

namespace lbd::expr {

struct TlsHello {
  enum class State : uint8_t { partial, none, complete } state = State::partial;
  uint8_t type = 0;  // 1: of a client, 2: of a server
  // The rest only of a client.
  uint16_t version = 0;  // 0x0301 is TLS 1.0
  std::string_view server_name;
  std::string_view alpn;  // the protocol that it likes best
  bool elliptic_curves = false;
  uint8_t ticket = 0;  // session ticket extension: 0 absent, 1 empty, 2 with a ticket
};

// Partial: more bytes may make it one.
TlsHello read_tls_hello(std::string_view bytes);

}  // namespace lbd::expr
