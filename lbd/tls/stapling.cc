#include "lbd/tls/stapling.h"

#include <cstring>
#include <ctime>

#include "lbd/tls/certificate.h"

namespace lbd::tls {
namespace {

int send_ocsp(SSL* ssl, void*) {
  const Stapling* stapling = Stapling::of(SSL_get_certificate(ssl));
  if (!stapling || stapling->ocsp_id.empty()) return SSL_TLSEXT_ERR_NOACK;
  auto answer = stapling->ocsp.get();
  if (!answer || (answer->expires && answer->expires <= std::time(nullptr))) return SSL_TLSEXT_ERR_NOACK;
  // OpenSSL frees it.
  auto* copy = static_cast<unsigned char*>(OPENSSL_malloc(answer->der.size()));
  if (!copy) return SSL_TLSEXT_ERR_NOACK;
  std::memcpy(copy, answer->der.data(), answer->der.size());
  SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, static_cast<long>(answer->der.size()), copy);
  return SSL_TLSEXT_ERR_OK;
}

int send_sctl(SSL* ssl, unsigned, unsigned, const unsigned char** out, size_t* size, X509*, size_t position, int*,
              void*) {
  const Stapling* stapling = position == 0 ? Stapling::of(SSL_get_certificate(ssl)) : nullptr;
  if (!stapling || stapling->sctl.empty()) return 0;
  *out = reinterpret_cast<const unsigned char*>(stapling->sctl.data());
  *size = stapling->sctl.size();
  return 1;
}

int accept_request(SSL*, unsigned, unsigned, const unsigned char*, size_t, X509*, size_t, int*, void*) {
  return 1;
}

}  // namespace

void serve_staplings(SSL_CTX* context) {
  // What SSL_CTX_set_tlsext_status_cb() does, without its cast.
  SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, reinterpret_cast<void (*)()>(send_ocsp));
  SSL_CTX_add_custom_ext(
      context, TLSEXT_TYPE_signed_certificate_timestamp,
      SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_CERTIFICATE | SSL_EXT_IGNORE_ON_RESUMPTION,
      send_sctl, nullptr, nullptr, accept_request, nullptr);
}

}  // namespace lbd::tls
