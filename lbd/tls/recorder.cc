#include "lbd/tls/recorder.h"

#include "lbd/tls/notes.h"

namespace lbd::tls {
namespace {

void note_hello(int sent, int, int content, const void* bytes, size_t size, SSL* ssl, void* tune) {
  if (sent || content != SSL3_RT_HANDSHAKE || !size || static_cast<const char*>(bytes)[0] != SSL3_MT_CLIENT_HELLO)
    return;
  auto hello = read_client_hello({static_cast<const char*>(bytes), size},
                                 static_cast<const config::Tune*>(tune)->ssl_capture_buffer_size);
  if (hello) notes_of(ssl).hello = std::make_unique<const ClientHello>(std::move(*hello));
}

// "LABEL random secret" (NSS key log format).
void note_secret(const SSL* ssl, const char* line) {
  std::string_view text = line;
  const size_t label = text.find(' '), secret = text.rfind(' ');
  if (label == secret) return;
  notes_of(const_cast<SSL*>(ssl)).secrets.emplace_back(text.substr(0, label), text.substr(secret + 1));
}

}  // namespace

void record(SSL_CTX* context, const config::Tune& tune) {
  if (tune.ssl_capture_buffer_size) {
    SSL_CTX_set_msg_callback(context, note_hello);
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, const_cast<config::Tune*>(&tune));
  }
  if (tune.ssl_keylog) SSL_CTX_set_keylog_callback(context, note_secret);
}

}  // namespace lbd::tls
