// The TLS words of a server line: manual 5.2. Some may stand in ssl-default-server-options, too.
#include "lbd/config/server_line.h"
#include "lbd/config/tls_words.h"

namespace lbd::config {
namespace {

template <auto Member>
constexpr auto tls() {
  return cfg::field<&Server::tls, Member>();
}

template <bool On>
void set_ssl(cfg::Args&, Server& server) {
  server.ssl = On;
}

template <bool On>
void set_reuse(cfg::Args&, Server& server) {
  server.tls.reuse = On;
}

void set_verify(cfg::Args& args, Server& server) {
  if (auto verify = args.take_choice({"none", "required"}))
    server.tls.verify = *verify ? TlsVerify::required : TlsVerify::none;
}

void clear_verify_host(cfg::Args&, Server& server) {
  server.tls.verify_host.reset();
}

void skip_flag(cfg::Args&, Server&) {}

constexpr std::string_view kHostOfRequest = "req.hdr(host),host_only";

// It is the `sni` of servers that have none.
template <bool On>
void set_sni_auto(cfg::Args& args, Server& server) {
  const bool automatic = server.tls.sni && server.tls.sni->text == kHostOfRequest;
  if (On && !server.tls.sni) {
    server.tls.sni = args.statement().words[args.position() - 1];
    server.tls.sni->text = kHostOfRequest;
  } else if (!On && automatic) {
    server.tls.sni.reset();
  }
}

template <bool On>
void set_check_sni_auto(cfg::Args&, Server& server) {
  server.check.sni_auto = On;
}

constexpr uint32_t kDefault = kInTlsDefaults;

constexpr ServerWord kRows[] = {
    {.name = "ssl", .doc = "Connections to the server are TLS.", .set = set_ssl<true>, .flags = kRuntime},
    {.name = "no-ssl", .doc = "Undoes ssl.", .set = set_ssl<false>},
    {.name = "allow-0rtt",
     .doc = "Send TLS 1.3 early data.",
     .set = tls<&TlsSettings::allow_0rtt>(),
     .flags = kRuntime,
     .pending = "early data is not sent"},
    {.name = "alpn",
     .doc = "Protocols to offer by ALPN.",
     .set = set_protocols<Server, &TlsSettings::alpn>,
     .flags = kRuntime},
    {.name = "ca-file",
     .doc = "Authorities that the server's certificate is verified with.",
     .set = tls<&TlsSettings::ca_file>(),
     .flags = kRuntime},
    {.name = "ciphers", .doc = "Ciphers up to TLS 1.2.", .set = tls<&TlsSettings::ciphers>(), .flags = kRuntime},
    {.name = "ciphersuites", .doc = "Ciphers of TLS 1.3.", .set = tls<&TlsSettings::ciphersuites>(), .flags = kRuntime},
    {.name = "client-sigalgs",
     .doc = "Signature algorithms of the client certificate.",
     .set = tls<&TlsSettings::client_sigalgs>()},
    {.name = "crl-file", .doc = "Revoked certificates.", .set = tls<&TlsSettings::crl_file>(), .flags = kRuntime},
    {.name = "crt",
     .doc = "Client certificate and key to present.",
     .set = tls<&ServerTls::certificate>(),
     .flags = kRuntime},
    {.name = "curves", .doc = "Curves for the key exchange.", .set = tls<&TlsSettings::curves>()},
    {.name = "force-sslv3",
     .doc = "SSL 3.0 only.",
     .set = force_tls_version<Server, TlsVersion::ssl3>,
     .flags = kDefault | kRuntime},
    {.name = "force-tlsv10",
     .doc = "TLS 1.0 only.",
     .set = force_tls_version<Server, TlsVersion::tls1_0>,
     .flags = kDefault | kRuntime},
    {.name = "force-tlsv11",
     .doc = "TLS 1.1 only.",
     .set = force_tls_version<Server, TlsVersion::tls1_1>,
     .flags = kDefault | kRuntime},
    {.name = "force-tlsv12",
     .doc = "TLS 1.2 only.",
     .set = force_tls_version<Server, TlsVersion::tls1_2>,
     .flags = kDefault | kRuntime},
    {.name = "force-tlsv13",
     .doc = "TLS 1.3 only.",
     .set = force_tls_version<Server, TlsVersion::tls1_3>,
     .flags = kDefault | kRuntime},
    {.name = "no-renegotiate", .doc = "Refuse renegotiation, as always.", .set = skip_flag, .flags = kHint},
    {.name = "renegotiate",
     .doc = "Permit renegotiation.",
     .set = skip_flag,
     .pending = "renegotiation is always refused"},
    {.name = "no-sni-auto", .doc = "Undoes sni-auto.", .set = set_sni_auto<false>},
    {.name = "sni-auto",
     .doc = "The Host of the request is the server name, unless sni says one.",
     .set = set_sni_auto<true>},
    {.name = "no-check-sni-auto", .doc = "Undoes check-sni-auto.", .set = set_check_sni_auto<false>},
    {.name = "check-sni-auto",
     .doc = "The Host of the check is the server name, unless check-sni says one.",
     .set = set_check_sni_auto<true>},
    {.name = "no-ssl-reuse", .doc = "No resumption of TLS sessions.", .set = set_reuse<false>, .flags = kRuntime},
    {.name = "no-sslv3",
     .doc = "Refuse SSL 3.0.",
     .set = refuse_tls_version<Server, TlsVersion::ssl3>,
     .flags = kDefault | kRuntime},
    {.name = "no-tls-tickets",
     .doc = "No session tickets.",
     .set = set_tickets<Server, false>,
     .flags = kDefault | kRuntime},
    {.name = "no-tlsv10",
     .doc = "Refuse TLS 1.0.",
     .set = refuse_tls_version<Server, TlsVersion::tls1_0>,
     .flags = kDefault | kRuntime},
    {.name = "no-tlsv11",
     .doc = "Refuse TLS 1.1.",
     .set = refuse_tls_version<Server, TlsVersion::tls1_1>,
     .flags = kDefault | kRuntime},
    {.name = "no-tlsv12",
     .doc = "Refuse TLS 1.2.",
     .set = refuse_tls_version<Server, TlsVersion::tls1_2>,
     .flags = kDefault | kRuntime},
    {.name = "no-tlsv13",
     .doc = "Refuse TLS 1.3.",
     .set = refuse_tls_version<Server, TlsVersion::tls1_3>,
     .flags = kDefault | kRuntime},
    {.name = "no-verifyhost", .doc = "Undoes verifyhost.", .set = clear_verify_host},
    {.name = "npn",
     .doc = "Protocols to offer by NPN, which ALPN replaced.",
     .set = set_protocols<Server, &TlsSettings::npn>,
     .flags = kRuntime,
     .pending = "only ALPN is offered to servers"},
    {.name = "sigalgs", .doc = "Signature algorithms.", .set = tls<&TlsSettings::sigalgs>()},
    {.name = "sni",
     .doc = "Expression whose value is the server name in TLS.",
     .set = tls<&ServerTls::sni>(),
     .flags = kRuntime},
    {.name = "ssl-max-ver",
     .doc = "Highest TLS version.",
     .set = set_tls_version<Server, &TlsSettings::max_version>,
     .flags = kDefault | kRuntime},
    {.name = "ssl-min-ver",
     .doc = "Lowest TLS version.",
     .set = set_tls_version<Server, &TlsSettings::min_version>,
     .flags = kDefault | kRuntime},
    {.name = "ssl-reuse", .doc = "Undoes no-ssl-reuse.", .set = set_reuse<true>},
    {.name = "tls-tickets",
     .doc = "Undoes no-tls-tickets.",
     .set = set_tickets<Server, true>,
     .flags = kDefault | kRuntime},
    {.name = "verify", .doc = "The server's certificate: none, required.", .set = set_verify, .flags = kRuntime},
    {.name = "verifyhost",
     .doc = "Name that the server's certificate must have.",
     .set = tls<&ServerTls::verify_host>(),
     .flags = kRuntime},
};
const base::Registered<ServerWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
