#include "lbd/tls/bind_context.h"

#include <fmt/format.h>

#include "lbd/tls/settings.h"

namespace lbd::tls {

int BindContext::select_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                                 unsigned offered_size, void* own) {
  const std::string& protocols = static_cast<BindContext*>(own)->protocols_;
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()), offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::unique_ptr<BindContext> BindContext::make(const config::Bind& bind, const config::Global& global,
                                               cfg::Diagnostics& diagnostics) {
  std::unique_ptr<BindContext> out(new BindContext);
  const config::BindTls settings = inherit(bind.tls, global.bind_tls);
  out->context_ = make_context(settings, bind.location, diagnostics);
  if (!out->context_) return nullptr;
  SSL_CTX* context = out->context_.get();
  for (const cfg::Word& word : settings.certificates) {
    const bool relative = !word.text.starts_with('/') && !global.crt_base.empty();
    auto certificate = load_certificate(relative ? global.crt_base + "/" + word.text : word.text);
    if (!certificate) {
      diagnostics.error(word.loc, fmt::format("'crt': {}: {}", word.text, certificate.error().text));
      return nullptr;
    }
    out->certificates_.push_back(std::make_unique<Certificate>(std::move(*certificate)));
  }
  if (out->certificates_.empty()) {
    diagnostics.error(bind.location, "no certificate is given", "'ssl' needs 'crt' or 'crt-list'");
    return nullptr;
  }
  const Certificate& first = *out->certificates_.front();
  if (!SSL_CTX_use_cert_and_key(context, first.leaf.get(), first.key.get(), first.chain.get(), 1)) {
    diagnostics.error(bind.location, fmt::format("{}: {}", first.path, take_error()));
    return nullptr;
  }
  if (settings.alpn && !settings.alpn->text.empty()) {
    out->protocols_ = wire_protocols(settings.alpn->text);
    SSL_CTX_set_alpn_select_cb(context, select_protocol, out.get());
  }
  return out;
}

}  // namespace lbd::tls
