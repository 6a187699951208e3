// The TLS words of a server line, kept for the TLS part: manual 5.2.
#include "lbd/config/server_line.h"
#include "lbd/config/tls_words.h"

namespace lbd::config {
namespace {

void no_ssl(cfg::Args& args, Server& server) {
  KeepTls::run(args, server, {0, 0});
  server.ssl = false;
}

constexpr ServerWord kRows[] = {
    {.name = "ssl",
     .doc = "Connections to the server are TLS.",
     .set = keep_tls(0),
     .pending = "connections to servers are not encrypted"},
    {.name = "no-ssl", .doc = "Undoes ssl.", .set = no_ssl},
    {.name = "allow-0rtt", .doc = "Send TLS 1.3 early data.", .set = keep_tls(0)},
    {.name = "alpn", .doc = "Protocols to offer by ALPN.", .set = keep_tls(1)},
    {.name = "ca-file", .doc = "Authorities that the server's certificate is verified with.", .set = keep_tls(1)},
    {.name = "ciphers", .doc = "Ciphers up to TLS 1.2.", .set = keep_tls(1)},
    {.name = "ciphersuites", .doc = "Ciphers of TLS 1.3.", .set = keep_tls(1)},
    {.name = "client-sigalgs", .doc = "Signature algorithms of the client certificate.", .set = keep_tls(1)},
    {.name = "crl-file", .doc = "Revoked certificates.", .set = keep_tls(1)},
    {.name = "crt", .doc = "Client certificate and key to present.", .set = keep_tls(1)},
    {.name = "curves", .doc = "Curves for the key exchange.", .set = keep_tls(1)},
    {.name = "force-sslv3", .doc = "SSL 3.0 only.", .set = keep_tls(0)},
    {.name = "force-tlsv10", .doc = "TLS 1.0 only.", .set = keep_tls(0)},
    {.name = "force-tlsv11", .doc = "TLS 1.1 only.", .set = keep_tls(0)},
    {.name = "force-tlsv12", .doc = "TLS 1.2 only.", .set = keep_tls(0)},
    {.name = "force-tlsv13", .doc = "TLS 1.3 only.", .set = keep_tls(0)},
    {.name = "no-renegotiate", .doc = "Refuse renegotiation.", .set = keep_tls(0)},
    {.name = "renegotiate", .doc = "Permit renegotiation.", .set = keep_tls(0)},
    {.name = "no-sni-auto", .doc = "No server name unless sni says one.", .set = keep_tls(0)},
    {.name = "sni-auto", .doc = "The Host of the request is the server name.", .set = keep_tls(0)},
    {.name = "no-check-sni-auto", .doc = "No server name in checks unless check-sni says one.", .set = keep_tls(0)},
    {.name = "check-sni-auto", .doc = "The Host of the check is the server name.", .set = keep_tls(0)},
    {.name = "no-ssl-reuse", .doc = "No resumption of TLS sessions.", .set = keep_tls(0)},
    {.name = "no-sslv3", .doc = "Refuse SSL 3.0.", .set = keep_tls(0)},
    {.name = "no-tls-tickets", .doc = "No session tickets.", .set = keep_tls(0)},
    {.name = "no-tlsv10", .doc = "Refuse TLS 1.0.", .set = keep_tls(0)},
    {.name = "no-tlsv11", .doc = "Refuse TLS 1.1.", .set = keep_tls(0)},
    {.name = "no-tlsv12", .doc = "Refuse TLS 1.2.", .set = keep_tls(0)},
    {.name = "no-tlsv13", .doc = "Refuse TLS 1.3.", .set = keep_tls(0)},
    {.name = "no-verifyhost", .doc = "Undoes verifyhost.", .set = keep_tls(0)},
    {.name = "npn", .doc = "Protocols to offer by NPN, the predecessor of ALPN.", .set = keep_tls(1)},
    {.name = "sigalgs", .doc = "Signature algorithms.", .set = keep_tls(1)},
    {.name = "sni", .doc = "Expression whose value is the server name in TLS.", .set = keep_tls(1)},
    {.name = "ssl-max-ver", .doc = "Highest TLS version.", .set = keep_tls(1)},
    {.name = "ssl-min-ver", .doc = "Lowest TLS version.", .set = keep_tls(1)},
    {.name = "ssl-reuse", .doc = "Undoes no-ssl-reuse.", .set = keep_tls(0)},
    {.name = "tls-tickets", .doc = "Undoes no-tls-tickets.", .set = keep_tls(0)},
    {.name = "verify", .doc = "The server's certificate: none, required.", .set = keep_tls(1)},
    {.name = "verifyhost", .doc = "Name that the server's certificate must have.", .set = keep_tls(1)},
};
const base::Registered<ServerWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
