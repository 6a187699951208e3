// Samples of certificates: the client's, the one that it was shown, and the server's. Manual: 7.3.4 (ssl_c_*, ssl_f_*,
// ssl_s_*).
#include "lbd/expr/fetch/tls_handle.h"
#include "lbd/tls/certificate_text.h"
#include "lbd/tls/notes.h"
#include "lbd/tls/session_text.h"

namespace lbd::expr {
namespace {

constexpr Type kBool = Type::boolean, kInt = Type::integer, kBin = Type::binary, kText = Type::string;
constexpr Phases kClient = valid::kTls, kServer = valid::kResponseKept;
constexpr ArgSpecs kName = {{{ArgKind::text, true}, {ArgKind::number, true}, {ArgKind::text, true}}};

enum class Whose : uint8_t { client, shown, server };
using Read = Found (*)(const X509* certificate, const FetchCall& call, Transaction& t, Value& out);

template <Whose whose>
const X509* certificate_of(const Transaction& t) {
  const SSL* ssl = whose == Whose::server ? ssl_of<Side::server>(t) : ssl_of<Side::client>(t);
  if (!ssl) return nullptr;
  return whose == Whose::shown ? SSL_get_certificate(ssl) : SSL_get0_peer_certificate(ssl);
}

template <Whose whose, Read read>
Found of(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  const X509* certificate = certificate_of<whose>(t);
  return certificate ? read(certificate, call, t, out) : Found::no;
}

Found der(const X509* certificate, const FetchCall&, Transaction& t, Value& out) {
  return give(tls::certificate_der(certificate), t, out, Type::binary);
}
Found serial(const X509* certificate, const FetchCall&, Transaction& t, Value& out) {
  return give(tls::serial_bytes(certificate), t, out, Type::binary);
}
Found sha1(const X509* certificate, const FetchCall&, Transaction& t, Value& out) {
  return give(tls::sha1_of(certificate), t, out, Type::binary);
}
Found not_after(const X509* certificate, const FetchCall&, Transaction& t, Value& out) {
  return give(tls::time_text(X509_get0_notAfter(certificate)), t, out);
}
Found not_before(const X509* certificate, const FetchCall&, Transaction& t, Value& out) {
  return give(tls::time_text(X509_get0_notBefore(certificate)), t, out);
}
Found key_alg(const X509* certificate, const FetchCall&, Transaction& t, Value& out) {
  return give(tls::key_algorithm(certificate), t, out);
}
Found sig_alg(const X509* certificate, const FetchCall&, Transaction& t, Value& out) {
  return give(tls::signature_algorithm(certificate), t, out);
}
Found version(const X509* certificate, const FetchCall&, Transaction&, Value& out) {
  out.set_int(X509_get_version(certificate) + 1);
  return Found::yes;
}

// [part[,occurrence[,rfc2253]]]
Found name(const X509_NAME* whole, const FetchCall& call, Transaction& t, Value& out) {
  if (call.arg(0).given() && !call.arg(0).text.empty()) {
    auto part = tls::name_part(whole, call.arg(0).text, call.arg(1).number);
    return part ? give(*part, t, out) : Found::no;
  }
  return give(call.arg(2).text == "rfc2253" ? tls::name_rfc2253(whole) : tls::name_text(whole), t, out);
}
Found issuer(const X509* certificate, const FetchCall& call, Transaction& t, Value& out) {
  return name(X509_get_issuer_name(certificate), call, t, out);
}
Found subject(const X509* certificate, const FetchCall& call, Transaction& t, Value& out) {
  return name(X509_get_subject_name(certificate), call, t, out);
}
bool check_name(Prepare& prepare) {
  const Arg& form = prepare.args[2];
  if (!form.given() || form.text.empty() || form.text == "rfc2253") return true;
  prepare.error = "only rfc2253 is a known form of a name";
  return false;
}

template <Side side>
Found chain(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const SSL* ssl = ssl_of<side>(t);
  return ssl ? give(tls::chain_der(ssl), t, out, Type::binary) : Found::no;
}

Found used(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const SSL* ssl = ssl_of<Side::client>(t);
  if (!ssl) return Found::no;
  out.set_bool(SSL_get0_peer_certificate(ssl));
  return Found::yes;
}
// Of a handshake that failed it is not there, as haproxy has it.
Found verify_result(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const tls::TlsTransport* transport = transport_of<Side::client>(t);
  if (!transport || !(transport->established() || transport->early())) return Found::no;
  out.set_int(SSL_get_verify_result(transport->ssl()));
  return Found::yes;
}
template <int tls::Verification::*error>
Found noted(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const SSL* ssl = ssl_of<Side::client>(t);
  if (!ssl) return Found::no;
  const tls::Notes* notes = tls::find_notes(ssl);
  out.set_int(notes ? notes->verification.*error : 0);
  return Found::yes;
}

constexpr FetchRow kRows[] = {
    {.name = "ssl_c_ca_err",
     .doc = "The error of the verification of a CA of the client certificate.",
     .out = kInt,
     .valid = kClient,
     .run = noted<&tls::Verification::ca_error>},
    {.name = "ssl_c_ca_err_depth",
     .doc = "How deep in the chain the error of a CA was of the client certificate.",
     .out = kInt,
     .valid = kClient,
     .run = noted<&tls::Verification::ca_error_depth>},
    {.name = "ssl_c_chain_der",
     .doc = "The chain of certificates in DER of the client certificate.",
     .out = kBin,
     .valid = kClient,
     .run = chain<Side::client>},
    {.name = "ssl_c_der",
     .doc = "The certificate in DER of the client certificate.",
     .out = kBin,
     .valid = kClient,
     .run = of<Whose::client, der>},
    {.name = "ssl_c_err",
     .doc = "The last error of the client certificate.",
     .out = kInt,
     .valid = kClient,
     .run = noted<&tls::Verification::crt_error>},
    {.name = "ssl_c_i_dn",
     .doc = "The issuer's distinguished name, or a part of it of the client certificate.",
     .args = kName,
     .out = kText,
     .valid = kClient,
     .run = of<Whose::client, issuer>,
     .prepare = check_name},
    {.name = "ssl_c_key_alg",
     .doc = "The algorithm of the key of the client certificate.",
     .out = kText,
     .valid = kClient,
     .run = of<Whose::client, key_alg>},
    {.name = "ssl_c_notafter",
     .doc = "The end of the validity (YYMMDDhhmmss) of the client certificate.",
     .out = kText,
     .valid = kClient,
     .run = of<Whose::client, not_after>},
    {.name = "ssl_c_notbefore",
     .doc = "The begin of the validity (YYMMDDhhmmss) of the client certificate.",
     .out = kText,
     .valid = kClient,
     .run = of<Whose::client, not_before>},
    {.name = "ssl_c_s_dn",
     .doc = "The subject's distinguished name, or a part of it of the client certificate.",
     .args = kName,
     .out = kText,
     .valid = kClient,
     .run = of<Whose::client, subject>,
     .prepare = check_name},
    {.name = "ssl_c_serial",
     .doc = "The serial number of the client certificate.",
     .out = kBin,
     .valid = kClient,
     .run = of<Whose::client, serial>},
    {.name = "ssl_c_sha1",
     .doc = "The SHA-1 fingerprint of the client certificate.",
     .out = kBin,
     .valid = kClient,
     .run = of<Whose::client, sha1>},
    {.name = "ssl_c_sig_alg",
     .doc = "The algorithm of the signature of the client certificate.",
     .out = kText,
     .valid = kClient,
     .run = of<Whose::client, sig_alg>},
    {.name = "ssl_c_used",
     .doc = "Whether a certificate was used on the current connection of the client certificate.",
     .out = kBool,
     .valid = kClient,
     .run = used},
    {.name = "ssl_c_verify",
     .doc = "The result of the verification of the client certificate.",
     .out = kInt,
     .valid = kClient,
     .run = verify_result},
    {.name = "ssl_c_version",
     .doc = "The version of the certificate of the client certificate.",
     .out = kInt,
     .valid = kClient,
     .run = of<Whose::client, version>},
    {.name = "ssl_f_der",
     .doc = "The certificate in DER of the certificate shown to the client.",
     .out = kBin,
     .valid = kClient,
     .run = of<Whose::shown, der>},
    {.name = "ssl_f_i_dn",
     .doc = "The issuer's distinguished name, or a part of it of the certificate shown to the client.",
     .args = kName,
     .out = kText,
     .valid = kClient,
     .run = of<Whose::shown, issuer>,
     .prepare = check_name},
    {.name = "ssl_f_key_alg",
     .doc = "The algorithm of the key of the certificate shown to the client.",
     .out = kText,
     .valid = kClient,
     .run = of<Whose::shown, key_alg>},
    {.name = "ssl_f_notafter",
     .doc = "The end of the validity (YYMMDDhhmmss) of the certificate shown to the client.",
     .out = kText,
     .valid = kClient,
     .run = of<Whose::shown, not_after>},
    {.name = "ssl_f_notbefore",
     .doc = "The begin of the validity (YYMMDDhhmmss) of the certificate shown to the client.",
     .out = kText,
     .valid = kClient,
     .run = of<Whose::shown, not_before>},
    {.name = "ssl_f_s_dn",
     .doc = "The subject's distinguished name, or a part of it of the certificate shown to the client.",
     .args = kName,
     .out = kText,
     .valid = kClient,
     .run = of<Whose::shown, subject>,
     .prepare = check_name},
    {.name = "ssl_f_serial",
     .doc = "The serial number of the certificate shown to the client.",
     .out = kBin,
     .valid = kClient,
     .run = of<Whose::shown, serial>},
    {.name = "ssl_f_sha1",
     .doc = "The SHA-1 fingerprint of the certificate shown to the client.",
     .out = kBin,
     .valid = kClient,
     .run = of<Whose::shown, sha1>},
    {.name = "ssl_f_sig_alg",
     .doc = "The algorithm of the signature of the certificate shown to the client.",
     .out = kText,
     .valid = kClient,
     .run = of<Whose::shown, sig_alg>},
    {.name = "ssl_f_version",
     .doc = "The version of the certificate of the certificate shown to the client.",
     .out = kInt,
     .valid = kClient,
     .run = of<Whose::shown, version>},
    {.name = "ssl_s_chain_der",
     .doc = "The chain of certificates in DER of the server certificate.",
     .out = kBin,
     .valid = kServer,
     .run = chain<Side::server>},
    {.name = "ssl_s_der",
     .doc = "The certificate in DER of the server certificate.",
     .out = kBin,
     .valid = kServer,
     .run = of<Whose::server, der>},
    {.name = "ssl_s_i_dn",
     .doc = "The issuer's distinguished name, or a part of it of the server certificate.",
     .args = kName,
     .out = kText,
     .valid = kServer,
     .run = of<Whose::server, issuer>,
     .prepare = check_name},
    {.name = "ssl_s_key_alg",
     .doc = "The algorithm of the key of the server certificate.",
     .out = kText,
     .valid = kServer,
     .run = of<Whose::server, key_alg>},
    {.name = "ssl_s_notafter",
     .doc = "The end of the validity (YYMMDDhhmmss) of the server certificate.",
     .out = kText,
     .valid = kServer,
     .run = of<Whose::server, not_after>},
    {.name = "ssl_s_notbefore",
     .doc = "The begin of the validity (YYMMDDhhmmss) of the server certificate.",
     .out = kText,
     .valid = kServer,
     .run = of<Whose::server, not_before>},
    {.name = "ssl_s_s_dn",
     .doc = "The subject's distinguished name, or a part of it of the server certificate.",
     .args = kName,
     .out = kText,
     .valid = kServer,
     .run = of<Whose::server, subject>,
     .prepare = check_name},
    {.name = "ssl_s_serial",
     .doc = "The serial number of the server certificate.",
     .out = kBin,
     .valid = kServer,
     .run = of<Whose::server, serial>},
    {.name = "ssl_s_sha1",
     .doc = "The SHA-1 fingerprint of the server certificate.",
     .out = kBin,
     .valid = kServer,
     .run = of<Whose::server, sha1>},
    {.name = "ssl_s_sig_alg",
     .doc = "The algorithm of the signature of the server certificate.",
     .out = kText,
     .valid = kServer,
     .run = of<Whose::server, sig_alg>},
    {.name = "ssl_s_version",
     .doc = "The version of the certificate of the server certificate.",
     .out = kInt,
     .valid = kServer,
     .run = of<Whose::server, version>},
};
const Fetches kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
