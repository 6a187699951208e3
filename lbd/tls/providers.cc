#include "lbd/tls/providers.h"

#include <fmt/format.h>
#include <openssl/provider.h>

#include "lbd/tls/openssl.h"

namespace lbd::tls {

bool load_providers(const config::Global& global, cfg::Diagnostics& diagnostics) {
  bool ok = true;
  auto refuse = [&](const cfg::Word& word, std::string_view what) {
    const std::string reason = take_error();
    diagnostics.error(word.loc, fmt::format("cannot {} '{}'{}{}", what, word.text, reason.empty() ? "" : ": ", reason));
    ok = false;
  };
  for (const config::TlsProvider& provider : global.ssl_providers) {
    const char* name = provider.name.text.c_str();
    if (provider.kind == config::TlsProvider::Kind::folder)
      OSSL_PROVIDER_set_default_search_path(nullptr, name);
    else if (!OSSL_PROVIDER_load(nullptr, name))
      refuse(provider.name, "load the provider");
  }
  if (global.ssl_propquery && EVP_set_default_properties(nullptr, global.ssl_propquery->text.c_str()) != 1)
    refuse(*global.ssl_propquery, "use the properties");
  return ok;
}

}  // namespace lbd::tls
