// Whatever a responder sends back, and whatever address a certificate names, is read or refused.
#include <cstdint>
#include <string_view>

#include "lbd/tls/ocsp_answer.h"
#include "lbd/tls/ocsp_fetch.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)lbd::tls::HttpUri::parse(bytes);
  if (auto body = lbd::tls::read_http_answer(bytes)) {
    (void)lbd::tls::ocsp_id_of(*body);
    (void)lbd::tls::read_ocsp_answer(*body, "", 0);
  }
  return 0;
}
