#include "syncd/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>

namespace syncd {
namespace {

std::string openssl_error() {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(first);
  return reason ? reason : fmt::format("error {:x}", first);
}

base::Err file_error(const std::string& path) {
  return base::Err(fmt::format("{}: {}", path, openssl_error()));
}

// A key that wants a passphrase is of no use to a daemon, and must not ask for it on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

}  // namespace

void TlsContext::Deleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void TlsSession::Deleter::operator()(ssl_st* session) const {
  SSL_free(session);
}

base::Result<std::unique_ptr<TlsContext>> TlsContext::open(const std::string& certificate, const std::string& key,
                                                           const std::string& authorities) {
  auto made = std::make_unique<TlsContext>();
  TRY(made->load(certificate, key, authorities));
  return made;
}

base::Status TlsContext::load(const std::string& certificate, const std::string& key, const std::string& authorities) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, Deleter> made(SSL_CTX_new(TLS_method()));
  SSL_CTX* context = made.get();
  CHECK(context && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 && SSL_CTX_set_num_tickets(context, 0));
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) return file_error(certificate);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) return file_error(key);
  if (SSL_CTX_load_verify_file(context, authorities.c_str()) != 1) return file_error(authorities);
  context_ = std::move(made);
  certificate_ = certificate;
  key_ = key;
  authorities_ = authorities;
  return {};
}

std::unique_ptr<ipc::Wrap> TlsContext::make(bool accepts) const {
  return std::make_unique<TlsSession>(context_.get(), accepts);
}

TlsSession::TlsSession(ssl_ctx_st* context, bool accepts) : session_(SSL_new(context)) {
  CHECK(session_);
  SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  if (accepts)
    SSL_set_accept_state(session_.get());
  else
    SSL_set_connect_state(session_.get());
}

base::Status TlsSession::failure(int result) const {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_ZERO_RETURN:  // the end of the connection follows
      return {};
    default:
      break;
  }
  const long verified = SSL_get_verify_result(session_.get());
  std::string why = openssl_error();
  if (verified != X509_V_OK) why += fmt::format(" ({})", X509_verify_cert_error_string(verified));
  return base::Err("TLS: " + why);
}

base::Status TlsSession::proceed() {
  ERR_clear_error();
  if (!SSL_is_init_finished(session_.get())) {
    const int result = SSL_do_handshake(session_.get());
    if (result != 1) return failure(result);
  }
  while (!waiting_.empty()) {
    const int size = static_cast<int>(std::min<size_t>(waiting_.size(), INT_MAX));
    const int written = SSL_write(session_.get(), waiting_.data(), size);
    if (written <= 0) return failure(written);
    waiting_.erase(0, static_cast<size_t>(written));
  }
  return {};
}

base::Status TlsSession::take(std::string_view bytes, std::string& plain) {
  CHECK(BIO_write(SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(bytes.size())) ==
        static_cast<int>(bytes.size()));
  TRY(proceed());
  if (!SSL_is_init_finished(session_.get())) return {};
  char block[16 * 1024];  // a record
  for (;;) {
    const int read = SSL_read(session_.get(), block, sizeof block);
    if (read <= 0) return failure(read);
    plain.append(block, static_cast<size_t>(read));
  }
}

base::Status TlsSession::put(std::string_view plain) {
  waiting_ += plain;
  return proceed();
}

void TlsSession::drain(std::string& bytes) {
  BIO* out = SSL_get_wbio(session_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  if (size > 0) bytes.append(data, static_cast<size_t>(size));
  BIO_reset(out);
}

bool TlsSession::peer_is(std::string_view name) const {
  X509* certificate = SSL_get0_peer_certificate(session_.get());
  return certificate && !name.empty() &&
         X509_check_host(certificate, name.data(), name.size(), X509_CHECK_FLAG_NO_WILDCARDS, nullptr) == 1;
}

}  // namespace syncd
