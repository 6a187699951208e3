// Any bytes as the first ones of a TLS handshake, and of a remote desktop. What is found lies within them.
#include "base/result.h"
#include "lbd/expr/tls_hello.h"

using lbd::expr::TlsHello;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  TlsHello hello = lbd::expr::read_tls_hello(bytes);
  for (std::string_view part : {hello.server_name, hello.alpn})
    CHECK(part.empty() || (part.data() >= bytes.data() && part.data() + part.size() <= bytes.data() + size));
  // More bytes never take back what was said.
  if (hello.state != TlsHello::State::partial)
    CHECK(lbd::expr::read_tls_hello(bytes.substr(0, size)).state == hello.state);
  return 0;
}
