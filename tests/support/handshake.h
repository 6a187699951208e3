// A TLS handshake between two SSL objects over memory.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace support {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslHandle = std::unique_ptr<SSL, FreeSsl>;
using ContextHandle = std::unique_ptr<SSL_CTX, FreeSsl>;

inline ContextHandle client_context() {
  return ContextHandle(SSL_CTX_new(TLS_client_method()));
}

class Handshake {
 public:
  Handshake(SSL_CTX* server_context, SSL_CTX* client_context, const std::string& name = {})
      : server(SSL_new(server_context)), client(SSL_new(client_context)) {
    BIO *one = nullptr, *other = nullptr;
    BIO_new_bio_pair(&one, 1 << 16, &other, 1 << 16);
    SSL_set_bio(server.get(), one, one);
    SSL_set_bio(client.get(), other, other);
    SSL_set_accept_state(server.get());
    SSL_set_connect_state(client.get());
    if (!name.empty()) set_name(client.get(), name);
  }

  // As connections end properly; OpenSSL would not resume the session of one that broke.
  ~Handshake() {
    SSL_set_shutdown(client.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_set_shutdown(server.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

  // Both sides are done, and the client has read what came after the handshake (tickets).
  bool run() {
    for (int turn = 0; turn < 20; ++turn) {
      const bool client_done = step(client.get(), client_error), server_done = step(server.get(), server_error);
      if (client_done && server_done) {
        char byte;
        if (SSL_read(client.get(), &byte, 1) <= 0) take(client_error);
        SSL_read(server.get(), &byte, 1);
        return client_error.empty() && server_error.empty();
      }
      if (!client_error.empty() && !server_error.empty()) break;
    }
    return false;
  }

  // The common name that the peer of `ssl` showed; "" when it showed nothing.
  static std::string peer_of(SSL* ssl) {
    X509* certificate = SSL_get0_peer_certificate(ssl);
    char name[256] = "";
    if (certificate) X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    return name;
  }
  std::string shown() const { return peer_of(client.get()); }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.get(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }

  // What SSL_set_tlsext_host_name() does, without its cast.
  static void set_name(SSL* ssl, std::string name) {
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }

  SslHandle server, client;
  std::string server_error, client_error;

 private:
  static void take(std::string& error) {
    if (unsigned long code = ERR_get_error()) error = ERR_reason_error_string(code);
    ERR_clear_error();
  }
  bool step(SSL* ssl, std::string& error) {
    if (!error.empty()) return false;
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl);
    if (result == 1) return true;
    if (SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ && SSL_get_error(ssl, result) != SSL_ERROR_WANT_WRITE) {
      take(error);
      if (error.empty()) error = "closed";
    }
    return false;
  }
};

}  // namespace support
