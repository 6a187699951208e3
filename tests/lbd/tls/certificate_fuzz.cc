// Any bytes as DER of a certificate and as a key, and as the PEM file of both.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lbd/tls/certificate.h"
#include "lbd/tls/certificate_facts.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (auto facts = lbd::tls::read_certificate(bytes)) {
    for (const std::string& name : facts->names)
      if (name.empty()) std::abort();
    lbd::tls::match_key(bytes, *facts);
    lbd::tls::principal_of(facts->subject);
  }
  lbd::tls::read_validity(bytes);
  if (auto certificate = lbd::tls::Certificate::parse("x", {.pem = bytes}))
    if (!(*certificate)->parts() && (*certificate)->error().empty()) std::abort();
  return 0;
}
