#include "lbd/tls/proxy_tlv.h"

#include "lbd/config/server.h"
#include "lbd/net/proxy_header.h"
#include "lbd/tls/certificate_text.h"

namespace lbd::tls {
namespace {

constexpr char kOverTls = 0x01, kCertificateNow = 0x02, kCertificateOfSession = 0x04;

}  // namespace

std::string proxy_tlv_value(const SSL* ssl, uint8_t wanted) {
  using config::ProxyTls;
  using net::Tlv;
  std::string out(5, '\0');
  if (!ssl) return out;
  const CertificatePtr peer(SSL_get1_peer_certificate(ssl));
  out[0] = kOverTls;
  if (peer) out[0] |= kCertificateOfSession;
  if (peer && !SSL_session_reused(ssl)) out[0] |= kCertificateNow;
  const auto verified = static_cast<uint32_t>(SSL_get_verify_result(ssl));
  for (size_t i = 0; i < 4; ++i) out[1 + i] = static_cast<char>(verified >> (24 - 8 * i) & 0xff);
  net::append_tlv(out, {Tlv::kTlsVersion, SSL_get_version(ssl)});
  if (peer && (wanted & ProxyTls::kCommonName))
    if (auto name = name_part(X509_get_subject_name(peer.get()), "CN", 1))
      net::append_tlv(out, {Tlv::kTlsCommonName, *name});
  const X509* own = SSL_get_certificate(ssl);
  if (own && (wanted & ProxyTls::kKey)) net::append_tlv(out, {Tlv::kTlsKey, key_text(own)});
  if (own && (wanted & ProxyTls::kSignature)) net::append_tlv(out, {Tlv::kTlsSignature, signature_algorithm(own)});
  if (wanted & ProxyTls::kCipher) net::append_tlv(out, {Tlv::kTlsCipher, SSL_get_cipher_name(ssl)});
  return out;
}

}  // namespace lbd::tls
