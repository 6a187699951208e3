// What a TLS connection says of itself, in the forms in which haproxy shows it. Thread: that of the connection.
// Manual: 7.3.4 (ssl_fc_*, ssl_bc_*).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lbd/tls/openssl.h"

namespace lbd::tls {

std::string_view agreed_protocol(const SSL* ssl);  // by ALPN; "": none
std::string_view agreed_npn(const SSL* ssl);
std::string session_id(const SSL* ssl);
std::string session_key(const SSL* ssl);
std::string client_random(const SSL* ssl);
std::string server_random(const SSL* ssl);
// tls-unique, RFC 5929, 3: the first Finished message of the handshake.
std::string unique_id(const SSL* ssl);
int key_bits(const SSL* ssl, bool used);  // of the cipher: what it uses, or its algorithm has
// Names of ciphers of a hello, two bytes each, between commas; "UNKNOWN(0a0a)" for others.
std::string cipher_names(SSL* ssl, std::string_view ciphers);
// The certificates of a peer, above its own one where the peer is a client, in DER one after the other.
std::string chain_der(const SSL* ssl);

}  // namespace lbd::tls
