// Whatever a client begins with: a cookie lies within the bytes and ends with its line, and an address is of IPv4.
// fuzz-sources: lbd/balance/rdp_cookie.cc
#include "lbd/balance/rdp_cookie.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto cookie = lbd::balance::rdp_cookie(bytes, "msts");
  if (!cookie) return 0;
  CHECK(cookie->data() >= bytes.data() && cookie->data() + cookie->size() <= bytes.data() + bytes.size());
  CHECK(cookie->find_first_of("\r\n") == std::string_view::npos);
  const auto address = lbd::balance::address_of_rdp_cookie(*cookie);
  CHECK(!address || address->ip.is_v4());
  return 0;
}
