// The TLS words of a bind line: manual 5.1. Those that may stand in a crt-list line or in ssl-default-bind-options are
// read there by the same rows.
#include "lbd/config/bind_line.h"
#include "lbd/config/tls_words.h"

namespace lbd::config {
namespace {

template <auto Member>
constexpr auto tls() {
  return cfg::field<&Bind::tls, Member>();
}

template <BindCertificate::Kind Kind>
void add_certificate(cfg::Args& args, Bind& bind) {
  if (auto file = args.take<cfg::Word>()) bind.tls.certificates.push_back({Kind, std::move(*file)});
}

template <bool On>
void set_strict_sni(cfg::Args&, Bind& bind) {
  bind.tls.strict_sni = On;
}

void set_verify(cfg::Args& args, Bind& bind) {
  if (auto verify = args.take_choice({"none", "optional", "required"}))
    bind.tls.verify = static_cast<TlsVerify>(*verify);
}

void set_ocsp_update(cfg::Args& args, Bind& bind) {
  if (auto on = args.take_choice({"off", "on"})) bind.tls.ocsp_update = *on == 1;
}

void clear_alpn(cfg::Args& args, Bind& bind) {
  bind.tls.alpn = cfg::Word{"", args.last()};
}

void skip_argument(cfg::Args& args, Bind&) {
  args.take<std::string>();
}
void skip_flag(cfg::Args&, Bind&) {}

constexpr uint32_t kList = kInCrtList, kDefault = kInTlsDefaults;

constexpr BindWord kRows[] = {
    {.name = "ssl", .doc = "Connections of this socket are TLS.", .set = cfg::field<&Bind::ssl>()},
    {.name = "allow-0rtt", .doc = "Take TLS 1.3 early data.", .set = tls<&TlsSettings::allow_0rtt>(), .flags = kList},
    {.name = "alpn",
     .doc = "Protocols to offer by ALPN.",
     .set = set_protocols<Bind, &TlsSettings::alpn>,
     .flags = kList},
    {.name = "ca-file",
     .doc = "Authorities that client certificates are verified with.",
     .set = tls<&TlsSettings::ca_file>(),
     .flags = kList},
    {.name = "ca-ignore-err", .doc = "Errors of the chain to ignore.", .set = tls<&BindTls::ca_ignore_err>()},
    {.name = "ca-sign-file",
     .doc = "Authority that signs generated certificates.",
     .set = skip_argument,
     .pending = "certificates are not generated"},
    {.name = "ca-sign-pass",
     .doc = "Pass phrase of ca-sign-file.",
     .set = skip_argument,
     .pending = "certificates are not generated"},
    {.name = "ca-verify-file",
     .doc = "Authorities to verify with that are not sent to clients.",
     .set = tls<&TlsSettings::ca_verify_file>(),
     .flags = kList},
    {.name = "ciphers", .doc = "Ciphers up to TLS 1.2.", .set = tls<&TlsSettings::ciphers>(), .flags = kList},
    {.name = "ciphersuites", .doc = "Ciphers of TLS 1.3.", .set = tls<&TlsSettings::ciphersuites>(), .flags = kList},
    {.name = "client-sigalgs",
     .doc = "Signature algorithms of client certificates.",
     .set = tls<&TlsSettings::client_sigalgs>(),
     .flags = kList},
    {.name = "crl-file", .doc = "Revoked certificates.", .set = tls<&TlsSettings::crl_file>(), .flags = kList},
    {.name = "crt",
     .doc = "Certificate and key, or a directory of them.",
     .set = add_certificate<BindCertificate::Kind::crt>},
    {.name = "crt-ignore-err",
     .doc = "Errors of the client's certificate to ignore.",
     .set = tls<&BindTls::crt_ignore_err>()},
    {.name = "crt-list",
     .doc = "File that lists certificates with their names and options.",
     .set = add_certificate<BindCertificate::Kind::crt_list>},
    {.name = "curves", .doc = "Curves for the key exchange.", .set = tls<&TlsSettings::curves>(), .flags = kList},
    {.name = "default-crt",
     .doc = "Certificate for names that no other one has.",
     .set = add_certificate<BindCertificate::Kind::default_crt>},
    {.name = "ecdhe", .doc = "Curve of ECDHE up to TLS 1.2.", .set = tls<&BindTls::ecdhe>(), .flags = kList},
    {.name = "ech",
     .doc = "Keys of encrypted client hellos.",
     .set = skip_argument,
     .pending = "client hellos are read in clear"},
    {.name = "force-sslv3",
     .doc = "SSL 3.0 only.",
     .set = force_tls_version<Bind, TlsVersion::ssl3>,
     .flags = kDefault},
    {.name = "force-tlsv10",
     .doc = "TLS 1.0 only.",
     .set = force_tls_version<Bind, TlsVersion::tls1_0>,
     .flags = kDefault},
    {.name = "force-tlsv11",
     .doc = "TLS 1.1 only.",
     .set = force_tls_version<Bind, TlsVersion::tls1_1>,
     .flags = kDefault},
    {.name = "force-tlsv12",
     .doc = "TLS 1.2 only.",
     .set = force_tls_version<Bind, TlsVersion::tls1_2>,
     .flags = kDefault},
    {.name = "force-tlsv13",
     .doc = "TLS 1.3 only.",
     .set = force_tls_version<Bind, TlsVersion::tls1_3>,
     .flags = kDefault},
    {.name = "generate-certificates",
     .doc = "Make certificates for unknown names.",
     .set = skip_flag,
     .pending = "certificates are not generated"},
    {.name = "no-alpn", .doc = "Offer nothing by ALPN.", .set = clear_alpn, .flags = kList},
    {.name = "no-ca-names",
     .doc = "Do not send the names of the authorities.",
     .set = tls<&BindTls::no_ca_names>(),
     .flags = kList},
    {.name = "no-sslv3",
     .doc = "Refuse SSL 3.0.",
     .set = refuse_tls_version<Bind, TlsVersion::ssl3>,
     .flags = kDefault},
    {.name = "no-strict-sni",
     .doc = "Serve unknown names with the default certificate.",
     .set = set_strict_sni<false>,
     .flags = kDefault},
    {.name = "no-tls-tickets", .doc = "No session tickets.", .set = set_tickets<Bind, false>, .flags = kDefault},
    {.name = "no-tlsv10",
     .doc = "Refuse TLS 1.0.",
     .set = refuse_tls_version<Bind, TlsVersion::tls1_0>,
     .flags = kDefault},
    {.name = "no-tlsv11",
     .doc = "Refuse TLS 1.1.",
     .set = refuse_tls_version<Bind, TlsVersion::tls1_1>,
     .flags = kDefault},
    {.name = "no-tlsv12",
     .doc = "Refuse TLS 1.2.",
     .set = refuse_tls_version<Bind, TlsVersion::tls1_2>,
     .flags = kDefault},
    {.name = "no-tlsv13",
     .doc = "Refuse TLS 1.3.",
     .set = refuse_tls_version<Bind, TlsVersion::tls1_3>,
     .flags = kDefault},
    {.name = "npn",
     .doc = "Protocols to offer by NPN, which ALPN replaced.",
     .set = set_protocols<Bind, &TlsSettings::npn>,
     .flags = kList},
    {.name = "ocsp-update", .doc = "Fetch OCSP answers: on or off.", .set = set_ocsp_update, .flags = kList},
    {.name = "prefer-client-ciphers",
     .doc = "The client's order of ciphers decides.",
     .set = tls<&BindTls::prefer_client_ciphers>(),
     .flags = kDefault},
    {.name = "sigalgs", .doc = "Signature algorithms.", .set = tls<&TlsSettings::sigalgs>(), .flags = kList},
    {.name = "ssl-max-ver",
     .doc = "Highest TLS version.",
     .set = set_tls_version<Bind, &TlsSettings::max_version>,
     .flags = kList | kDefault},
    {.name = "ssl-min-ver",
     .doc = "Lowest TLS version.",
     .set = set_tls_version<Bind, &TlsSettings::min_version>,
     .flags = kList | kDefault},
    {.name = "strict-sni",
     .doc = "Refuse names that no certificate has.",
     .set = set_strict_sni<true>,
     .flags = kDefault},
    {.name = "tls-ticket-keys", .doc = "File of keys for session tickets.", .set = tls<&BindTls::ticket_keys>()},
    {.name = "tls-tickets",
     .doc = "Session tickets, when they were switched off before.",
     .set = set_tickets<Bind, true>,
     .flags = kDefault},
    {.name = "verify", .doc = "Client certificates: none, optional, required.", .set = set_verify, .flags = kList},
};
const base::Registered<BindWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
