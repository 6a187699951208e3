// The TLS words of a bind line, kept for the TLS part: manual 5.1.
#include "lbd/config/bind_line.h"
#include "lbd/config/tls_words.h"

namespace lbd::config {
namespace {

constexpr BindWord kRows[] = {
    {.name = "ssl",
     .doc = "Connections of this socket are TLS.",
     .set = keep_tls(0),
     .pending = "connections of clients are not encrypted"},
    {.name = "allow-0rtt", .doc = "Take TLS 1.3 early data.", .set = keep_tls(0)},
    {.name = "alpn", .doc = "Protocols to offer by ALPN.", .set = keep_tls(1)},
    {.name = "ca-file", .doc = "Authorities that client certificates are verified with.", .set = keep_tls(1)},
    {.name = "ca-ignore-err", .doc = "Errors of the chain to ignore.", .set = keep_tls(1)},
    {.name = "ca-sign-file", .doc = "Authority that signs generated certificates.", .set = keep_tls(1)},
    {.name = "ca-sign-pass", .doc = "Pass phrase of ca-sign-file.", .set = keep_tls(1)},
    {.name = "ca-verify-file", .doc = "Authorities to verify with that are not sent to clients.", .set = keep_tls(1)},
    {.name = "ciphers", .doc = "Ciphers up to TLS 1.2.", .set = keep_tls(1)},
    {.name = "ciphersuites", .doc = "Ciphers of TLS 1.3.", .set = keep_tls(1)},
    {.name = "client-sigalgs", .doc = "Signature algorithms of client certificates.", .set = keep_tls(1)},
    {.name = "crl-file", .doc = "Revoked certificates.", .set = keep_tls(1)},
    {.name = "crt", .doc = "Certificate and key, or a directory of them.", .set = keep_tls(1)},
    {.name = "crt-ignore-err", .doc = "Errors of the client's certificate to ignore.", .set = keep_tls(1)},
    {.name = "crt-list", .doc = "File that lists certificates with their names and options.", .set = keep_tls(1)},
    {.name = "curves", .doc = "Curves for the key exchange.", .set = keep_tls(1)},
    {.name = "default-crt", .doc = "Certificate for names that no other one has.", .set = keep_tls(1)},
    {.name = "ecdhe", .doc = "Curve of ECDHE up to TLS 1.2.", .set = keep_tls(1)},
    {.name = "ech", .doc = "Keys of encrypted client hellos.", .set = keep_tls(1)},
    {.name = "force-sslv3", .doc = "SSL 3.0 only.", .set = keep_tls(0)},
    {.name = "force-tlsv10", .doc = "TLS 1.0 only.", .set = keep_tls(0)},
    {.name = "force-tlsv11", .doc = "TLS 1.1 only.", .set = keep_tls(0)},
    {.name = "force-tlsv12", .doc = "TLS 1.2 only.", .set = keep_tls(0)},
    {.name = "force-tlsv13", .doc = "TLS 1.3 only.", .set = keep_tls(0)},
    {.name = "generate-certificates", .doc = "Make certificates for unknown names.", .set = keep_tls(0)},
    {.name = "no-alpn", .doc = "Offer nothing by ALPN.", .set = keep_tls(0)},
    {.name = "no-ca-names", .doc = "Do not send the names of the authorities.", .set = keep_tls(0)},
    {.name = "no-sslv3", .doc = "Refuse SSL 3.0.", .set = keep_tls(0)},
    {.name = "no-strict-sni", .doc = "Serve unknown names with the default certificate.", .set = keep_tls(0)},
    {.name = "no-tls-tickets", .doc = "No session tickets.", .set = keep_tls(0)},
    {.name = "no-tlsv10", .doc = "Refuse TLS 1.0.", .set = keep_tls(0)},
    {.name = "no-tlsv11", .doc = "Refuse TLS 1.1.", .set = keep_tls(0)},
    {.name = "no-tlsv12", .doc = "Refuse TLS 1.2.", .set = keep_tls(0)},
    {.name = "no-tlsv13", .doc = "Refuse TLS 1.3.", .set = keep_tls(0)},
    {.name = "npn", .doc = "Protocols to offer by NPN, the predecessor of ALPN.", .set = keep_tls(1)},
    {.name = "ocsp-update", .doc = "Fetch OCSP answers: on or off.", .set = keep_tls(1)},
    {.name = "prefer-client-ciphers", .doc = "The client's order of ciphers decides.", .set = keep_tls(0)},
    {.name = "sigalgs", .doc = "Signature algorithms.", .set = keep_tls(1)},
    {.name = "ssl-max-ver", .doc = "Highest TLS version.", .set = keep_tls(1)},
    {.name = "ssl-min-ver", .doc = "Lowest TLS version.", .set = keep_tls(1)},
    {.name = "strict-sni", .doc = "Refuse names that no certificate has.", .set = keep_tls(0)},
    {.name = "tls-ticket-keys", .doc = "File of keys for session tickets.", .set = keep_tls(1)},
    {.name = "tls-tickets", .doc = "Session tickets, when they were switched off before.", .set = keep_tls(0)},
    {.name = "verify", .doc = "Client certificates: none, optional, required.", .set = keep_tls(1)},
};
const base::Registered<BindWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
