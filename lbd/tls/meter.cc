#include "lbd/tls/meter.h"

namespace lbd::tls {
namespace {

int meter_index() {
  static const int index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

Meter* Meter::of(const SSL_CTX* context) {
  return static_cast<Meter*>(SSL_CTX_get_ex_data(context, meter_index()));
}

void Meter::serve(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, meter_index(), this);
}

}  // namespace lbd::tls
