#include "lbd/tls/dh_parameters.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include "base/fd.h"

namespace lbd::tls {
namespace {

struct Group {
  uint32_t bits;
  const char* name;
};
// Smaller ones are not secure, and refused by OpenSSL's security level.
constexpr Group kGroups[] = {{2048, "ffdhe2048"}, {3072, "ffdhe3072"}, {4096, "ffdhe4096"}, {6144, "ffdhe6144"}};

KeyPtr group_of(uint32_t bits) {
  const char* name = "ffdhe8192";
  for (const Group& group : kGroups)
    if (bits <= group.bits) {
      name = group.name;
      break;
    }
  std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>> maker(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  std::string value = name;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, value.data(), 0),
                                   OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  if (!maker || EVP_PKEY_paramgen_init(maker.get()) <= 0 || !EVP_PKEY_CTX_set_params(maker.get(), parameters) ||
      EVP_PKEY_generate(maker.get(), &key) <= 0)
    return nullptr;
  return KeyPtr(key);
}

}  // namespace

bool set_dh_parameters(SSL_CTX* context, const config::Global& global, cfg::Diagnostics& diagnostics) {
  KeyPtr parameters;
  if (const config::TlsWord& file = global.ssl_dh_param_file) {
    auto text = base::read_file(file->text);
    if (text) parameters = KeyPtr(PEM_read_bio_Parameters(read_bio(*text).get(), nullptr));
    if (!parameters || !EVP_PKEY_is_a(parameters.get(), "DH")) {
      diagnostics.error(file->loc, fmt::format("'ssl-dh-param-file': {}",
                                               text ? file->text + ": there are no Diffie-Hellman parameters in it"
                                                    : text.error().text));
      return false;
    }
  } else if (global.tune.ssl_default_dh_param) {
    parameters = group_of(global.tune.ssl_default_dh_param);
  }
  if (parameters && SSL_CTX_set0_tmp_dh_pkey(context, parameters.get())) parameters.release();
  return true;
}

}  // namespace lbd::tls
