// Any bytes as a ClientHello: its lists are never longer than the limit.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "lbd/tls/client_hello.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t limit = size ? data[0] : 0;
  auto hello = lbd::tls::read_client_hello(bytes, limit);
  if (!hello) return 0;
  if (hello->ciphers.size() + hello->extensions.size() + hello->curves.size() + hello->point_formats.size() > limit)
    std::abort();
  if (lbd::tls::without_grease(hello->ciphers).size() > hello->ciphers.size()) std::abort();
  return 0;
}
