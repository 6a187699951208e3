#include "lbd/tls/session_text.h"

#include <fmt/format.h>

#include "lbd/tls/certificate_text.h"

namespace lbd::tls {
namespace {

using Take = size_t (*)(const SSL*, unsigned char*, size_t);

std::string taken(const SSL* ssl, Take take) {
  std::string out(take(ssl, nullptr, 0), '\0');
  take(ssl, reinterpret_cast<unsigned char*>(out.data()), out.size());
  return out;
}

std::string_view view(const unsigned char* bytes, unsigned size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::string_view agreed_protocol(const SSL* ssl) {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &name, &size);
  return view(name, size);
}

std::string_view agreed_npn(const SSL* ssl) {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_next_proto_negotiated(ssl, &name, &size);
  return view(name, size);
}

std::string session_id(const SSL* ssl) {
  const SSL_SESSION* session = SSL_get_session(ssl);
  unsigned size = 0;
  const unsigned char* id = session ? SSL_SESSION_get_id(session, &size) : nullptr;
  return std::string(view(id, size));
}

std::string session_key(const SSL* ssl) {
  const SSL_SESSION* session = SSL_get_session(ssl);
  if (!session) return {};
  std::string out(SSL_SESSION_get_master_key(session, nullptr, 0), '\0');
  SSL_SESSION_get_master_key(session, reinterpret_cast<unsigned char*>(out.data()), out.size());
  return out;
}

std::string client_random(const SSL* ssl) {
  return taken(ssl, SSL_get_client_random);
}

std::string server_random(const SSL* ssl) {
  return taken(ssl, SSL_get_server_random);
}

std::string unique_id(const SSL* ssl) {
  // The client's comes first, but for a resumed session.
  const bool own = (SSL_is_server(ssl) != 0) == (SSL_session_reused(ssl) != 0);
  std::string out(EVP_MAX_MD_SIZE, '\0');
  out.resize(own ? SSL_get_finished(ssl, out.data(), out.size()) : SSL_get_peer_finished(ssl, out.data(), out.size()));
  return out;
}

int key_bits(const SSL* ssl, bool used) {
  int of_algorithm = 0;
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  const int of_key = cipher ? SSL_CIPHER_get_bits(cipher, &of_algorithm) : 0;
  return used ? of_key : of_algorithm;
}

std::string cipher_names(SSL* ssl, std::string_view ciphers) {
  std::string out;
  for (; ciphers.size() >= 2; ciphers.remove_prefix(2)) {
    const auto* number = reinterpret_cast<const unsigned char*>(ciphers.data());
    const SSL_CIPHER* cipher = SSL_CIPHER_find(ssl, number);
    if (!out.empty()) out += ',';
    if (cipher)
      out += SSL_CIPHER_get_name(cipher);
    else
      out += fmt::format("UNKNOWN({:02x}{:02x})", number[0], number[1]);
  }
  return out;
}

std::string chain_der(const SSL* ssl) {
  std::string out;
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; i < sk_X509_num(chain); ++i) out += certificate_der(sk_X509_value(chain, i));
  return out;
}

}  // namespace lbd::tls
