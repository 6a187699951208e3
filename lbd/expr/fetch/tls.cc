// Samples of TLS sessions with clients and servers. On a clear connection nothing of it is there, and ssl_fc is false.
// Manual: 7.3.4 (ssl_fc_*, ssl_bc_*).
#include <openssl/err.h>

#include "lbd/expr/fetch/tls_handle.h"
#include "lbd/tls/session_text.h"

namespace lbd::expr {
namespace {

constexpr Type kBool = Type::boolean, kInt = Type::integer, kBin = Type::binary, kText = Type::string;
constexpr Phases kClient = valid::kTls, kServer = valid::kResponseKept;

Found fetch_tls(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_bool(t.session.tls);
  return Found::yes;
}
Found fetch_server_tls(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_bool(t.server_tls);
  return Found::yes;
}

using Read = Found (*)(SSL* ssl, Transaction& t, Value& out);
template <Side side, Read read>
Found of_session(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  SSL* ssl = ssl_of<side>(t);
  return ssl ? read(ssl, t, out) : Found::no;
}

template <std::string (*take)(const SSL*)>
Found bytes(SSL* ssl, Transaction& t, Value& out) {
  return give(take(ssl), t, out, Type::binary);
}
Found alpn(SSL* ssl, Transaction& t, Value& out) {
  return give(tls::agreed_protocol(ssl), t, out);
}
Found npn(SSL* ssl, Transaction& t, Value& out) {
  return give(tls::agreed_npn(ssl), t, out);
}
Found cipher(SSL* ssl, Transaction& t, Value& out) {
  const char* name = SSL_get_cipher_name(ssl);
  return give(name ? name : "", t, out);
}
Found protocol(SSL* ssl, Transaction& t, Value& out) {
  return give(SSL_get_version(ssl), t, out);
}
template <bool used>
Found key_size(SSL* ssl, Transaction&, Value& out) {
  const int bits = tls::key_bits(ssl, used);
  out.set_int(bits);
  return bits ? Found::yes : Found::no;
}
Found is_resumed(SSL* ssl, Transaction&, Value& out) {
  out.set_bool(SSL_session_reused(ssl));
  return Found::yes;
}
// A certificate that came on this connection: one that a resumed session remembers is not.
Found has_certificate(SSL* ssl, Transaction&, Value& out) {
  out.set_bool(!SSL_session_reused(ssl) && SSL_get0_peer_certificate(ssl));
  return Found::yes;
}
Found has_early(SSL*, Transaction& t, Value& out) {
  out.set_bool(t.session.tls_transport->early());
  return Found::yes;
}

std::string_view server_name(const Transaction& t) {
  const SSL* ssl = ssl_of<Side::client>(t);
  const char* name = ssl ? SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) : nullptr;
  return name ? std::string_view(name) : t.session.explained_name;
}
Found sni(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  return give(server_name(t), t, out);
}
// False on a clear connection, as haproxy has it.
Found has_sni(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_bool(!server_name(t).empty());
  return Found::yes;
}
Found is_resumed_or_clear(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const SSL* ssl = ssl_of<Side::client>(t);
  out.set_bool(ssl && SSL_session_reused(ssl));
  return Found::yes;
}

template <Side side>
unsigned long failure_of(const Transaction& t) {
  if (const tls::TlsTransport* transport = transport_of<side>(t)) return transport->failure();
  return side == Side::server ? t.server_tls_failure : 0;
}

template <Side side>
Found error_number(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const bool failed = side == Side::server && t.server_error != ConnectionError::none;
  if (!transport_of<side>(t) && !failed) return Found::no;
  out.set_int(static_cast<int64_t>(failure_of<side>(t)));
  return Found::yes;
}
template <Side side>
Found error_text(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const unsigned long failure = failure_of<side>(t);
  if (!failure) return Found::no;
  char text[256];
  ERR_error_string_n(failure, text, sizeof text);
  return give(text, t, out);
}

constexpr FetchRow kRows[] = {
    {.name = "ssl_fc",
     .doc = "Whether the client's connection is encrypted.",
     .out = kBool,
     .valid = kClient,
     .run = fetch_tls},
    {.name = "ssl_bc",
     .doc = "Whether the connection to the server is encrypted.",
     .out = kBool,
     .valid = kServer,
     .run = fetch_server_tls},
    {.name = "ssl_fc_alg_keysize",
     .doc = "The size of the symmetric key in bits with the client.",
     .out = kInt,
     .valid = kClient,
     .run = of_session<Side::client, key_size<false>>},
    {.name = "ssl_fc_alpn",
     .doc = "The application protocol agreed on with the client.",
     .out = kText,
     .valid = kClient,
     .run = of_session<Side::client, alpn>},
    {.name = "ssl_fc_cipher",
     .doc = "The cipher suite with the client.",
     .out = kText,
     .valid = kClient,
     .run = of_session<Side::client, cipher>},
    {.name = "ssl_fc_client_random",
     .doc = "The random bytes of the client with the client.",
     .out = kBin,
     .valid = kClient,
     .run = of_session<Side::client, bytes<tls::client_random>>},
    {.name = "ssl_fc_err",
     .doc = "The last error with the client.",
     .out = kInt,
     .valid = kClient,
     .run = error_number<Side::client>},
    {.name = "ssl_fc_err_str",
     .doc = "The text of the last error with the client.",
     .out = kText,
     .valid = kClient,
     .run = error_text<Side::client>},
    {.name = "ssl_fc_has_crt",
     .doc = "Whether the client sent a certificate with the client.",
     .out = kBool,
     .valid = kClient,
     .run = of_session<Side::client, has_certificate>},
    {.name = "ssl_fc_has_early",
     .doc = "Whether early data came with the client.",
     .out = kBool,
     .valid = kClient,
     .run = of_session<Side::client, has_early>},
    {.name = "ssl_fc_has_sni",
     .doc = "Whether the client named the server with the client.",
     .out = kBool,
     .valid = kClient,
     .run = has_sni},
    {.name = "ssl_fc_is_resumed",
     .doc = "Whether the session was resumed with the client.",
     .out = kBool,
     .valid = kClient,
     .run = is_resumed_or_clear},
    {.name = "ssl_fc_npn",
     .doc = "The protocol agreed on by NPN with the client.",
     .out = kText,
     .valid = kClient,
     .run = of_session<Side::client, npn>},
    {.name = "ssl_fc_protocol",
     .doc = "The version of TLS with the client.",
     .out = kText,
     .valid = kClient,
     .run = of_session<Side::client, protocol>},
    {.name = "ssl_fc_server_random",
     .doc = "The random bytes of the server with the client.",
     .out = kBin,
     .valid = kClient,
     .run = of_session<Side::client, bytes<tls::server_random>>},
    {.name = "ssl_fc_session_id",
     .doc = "The ID of the session with the client.",
     .out = kBin,
     .valid = kClient,
     .run = of_session<Side::client, bytes<tls::session_id>>},
    {.name = "ssl_fc_session_key",
     .doc = "The master key of the session with the client.",
     .out = kBin,
     .valid = kClient,
     .run = of_session<Side::client, bytes<tls::session_key>>},
    {.name = "ssl_fc_sni",
     .doc = "The server name that the client asked for with the client.",
     .out = kText,
     .valid = kClient,
     .run = sni},
    {.name = "ssl_fc_unique_id",
     .doc = "The unique ID of the connection (tls-unique) with the client.",
     .out = kBin,
     .valid = kClient,
     .run = of_session<Side::client, bytes<tls::unique_id>>},
    {.name = "ssl_fc_use_keysize",
     .doc = "The size of the key that is used in bits with the client.",
     .out = kInt,
     .valid = kClient,
     .run = of_session<Side::client, key_size<true>>},
    {.name = "ssl_bc_alg_keysize",
     .doc = "The size of the symmetric key in bits with the server.",
     .out = kInt,
     .valid = kServer,
     .run = of_session<Side::server, key_size<false>>},
    {.name = "ssl_bc_alpn",
     .doc = "The application protocol agreed on with the server.",
     .out = kText,
     .valid = kServer,
     .run = of_session<Side::server, alpn>},
    {.name = "ssl_bc_cipher",
     .doc = "The cipher suite with the server.",
     .out = kText,
     .valid = kServer,
     .run = of_session<Side::server, cipher>},
    {.name = "ssl_bc_client_random",
     .doc = "The random bytes of the client with the server.",
     .out = kBin,
     .valid = kServer,
     .run = of_session<Side::server, bytes<tls::client_random>>},
    {.name = "ssl_bc_err",
     .doc = "The last error with the server.",
     .out = kInt,
     .valid = kServer,
     .run = error_number<Side::server>},
    {.name = "ssl_bc_err_str",
     .doc = "The text of the last error with the server.",
     .out = kText,
     .valid = kServer,
     .run = error_text<Side::server>},
    {.name = "ssl_bc_is_resumed",
     .doc = "Whether the session was resumed with the server.",
     .out = kBool,
     .valid = kServer,
     .run = of_session<Side::server, is_resumed>},
    {.name = "ssl_bc_npn",
     .doc = "The protocol agreed on by NPN with the server.",
     .out = kText,
     .valid = kServer,
     .run = of_session<Side::server, npn>},
    {.name = "ssl_bc_protocol",
     .doc = "The version of TLS with the server.",
     .out = kText,
     .valid = kServer,
     .run = of_session<Side::server, protocol>},
    {.name = "ssl_bc_server_random",
     .doc = "The random bytes of the server with the server.",
     .out = kBin,
     .valid = kServer,
     .run = of_session<Side::server, bytes<tls::server_random>>},
    {.name = "ssl_bc_session_id",
     .doc = "The ID of the session with the server.",
     .out = kBin,
     .valid = kServer,
     .run = of_session<Side::server, bytes<tls::session_id>>},
    {.name = "ssl_bc_session_key",
     .doc = "The master key of the session with the server.",
     .out = kBin,
     .valid = kServer,
     .run = of_session<Side::server, bytes<tls::session_key>>},
    {.name = "ssl_bc_unique_id",
     .doc = "The unique ID of the connection (tls-unique) with the server.",
     .out = kBin,
     .valid = kServer,
     .run = of_session<Side::server, bytes<tls::unique_id>>},
    {.name = "ssl_bc_use_keysize",
     .doc = "The size of the key that is used in bits with the server.",
     .out = kInt,
     .valid = kServer,
     .run = of_session<Side::server, key_size<true>>},
};
const Fetches kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
